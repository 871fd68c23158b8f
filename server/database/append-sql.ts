/**
 * The SQL of a commit. One statement takes the batches of many rooms: it claims the next seq of each, leaves out the rooms
 * where another was first, and writes log, client ids and projection of the rest. A statement is a transaction by itself,
 * so a commit is one round trip and one fsync, and half a batch cannot exist.
 *
 * Why it holds with several servers: the claim changes the room's row `where seq = expected - 1`. Concurrent writers of a
 * room wait for that row, and whoever comes second finds another seq in it. Rows are claimed in the order of the rooms'
 * names, so that two servers never wait for each other in a circle. No foreign key leads to `rooms`: it would be checked
 * once a row, for what the claim has just made true.
 */

/** $1 rooms, $2 seqs, $3 epochs, $4 whether words are removed: one each a room. $5 rooms, $6 client ids, $7 persons: one each a new client id. */
const claim = `
  asked AS (SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::boolean[]) AS t (room, seq, epoch, removes)),
  binding AS (SELECT * FROM unnest($5::text[], $6::bigint[], $7::text[]) AS t (room, client, person)),
  clash AS (SELECT room FROM binding JOIN room_clients bound USING (room, client) WHERE bound.person <> binding.person),
  won AS (
    INSERT INTO rooms (name, seq, epoch, uncleansed)
    SELECT room, seq, epoch, CASE WHEN removes THEN seq END FROM asked
    WHERE (seq = 1 OR EXISTS (SELECT FROM rooms WHERE name = room)) AND room NOT IN (SELECT room FROM clash)
    ORDER BY room
    ON CONFLICT (name) DO UPDATE SET seq = excluded.seq, uncleansed = coalesce(excluded.uncleansed, rooms.uncleansed)
      WHERE rooms.seq = excluded.seq - 1 AND rooms.epoch = excluded.epoch
    RETURNING name AS room, seq
  ),
  bound AS (
    INSERT INTO room_clients (room, client, person, seq)
    SELECT room, client, person, won.seq FROM binding JOIN won USING (room)
    ON CONFLICT DO NOTHING
  )`;

/** $1 rooms, $2 seqs: claimed by an earlier statement of the same transaction. */
const claimed = 'won AS (SELECT * FROM unnest($1::text[], $2::bigint[]) AS t (room, seq))';

/**
 * The log's rows as arrays: rooms, parts, all updates end to end, where each begins (from 1) and how long it is, whether the next
 * part goes on with it, persons. Then annotations and comments as JSON arrays of objects. A bytea and two numbers a row
 * are half the bytes of a `bytea[]`, which is sent in hex.
 */
const writes = (first: number) => {
  const $ = (offset: number) => `$${first + offset}`;
  return `
  log AS (
    INSERT INTO room_log (room, seq, part, "update", more, person)
    SELECT room, won.seq, part, substring(${$(2)}::bytea FROM start FOR length), more, person
    FROM unnest(${$(0)}::text[], ${$(1)}::int[], ${$(3)}::int[], ${$(4)}::int[], ${$(5)}::boolean[], ${$(6)}::text[])
      AS t (room, part, start, length, more, person) JOIN won USING (room)
  ),
  annotation AS (
    INSERT INTO annotations (layer_id, id, author, created, edited, motivation, color, tags, exact, from_offset,
      to_offset, suggestion, status, decision, assigned_to, hidden, removed)
    SELECT layer, id, author, created, edited, motivation, color, tags, exact, "from",
      "to", suggestion, status, decision, "assignedTo", hidden, removed
    FROM json_to_recordset(${$(7)}::json) AS t (room text, layer uuid, id uuid, author text, created float8, edited float8,
      motivation text, color text, tags text[], exact text, "from" float8, "to" float8, suggestion text, status text,
      decision text, "assignedTo" text, hidden boolean, removed float8) JOIN won USING (room)
    ON CONFLICT (layer_id, id) DO UPDATE SET author = excluded.author, created = excluded.created,
      edited = excluded.edited, motivation = excluded.motivation, color = excluded.color, tags = excluded.tags,
      exact = excluded.exact, from_offset = excluded.from_offset, to_offset = excluded.to_offset,
      suggestion = excluded.suggestion, status = excluded.status, decision = excluded.decision,
      assigned_to = excluded.assigned_to, hidden = excluded.hidden, removed = excluded.removed
  ),
  comment AS (
    INSERT INTO comments (layer_id, id, annotation, parent, author, created, edited, body, hidden, removed)
    SELECT layer, id, annotation, parent, author, created, edited, body, hidden, removed
    FROM json_to_recordset(${$(8)}::json) AS t (room text, layer uuid, id uuid, annotation uuid, parent uuid, author text,
      created float8, edited float8, body text, hidden boolean, removed float8) JOIN won USING (room)
    ON CONFLICT (layer_id, id) DO UPDATE SET annotation = excluded.annotation, parent = excluded.parent,
      author = excluded.author, created = excluded.created, edited = excluded.edited, body = excluded.body,
      hidden = excluded.hidden, removed = excluded.removed
  )`;
};

/** Gives the rooms that were claimed. Prepared once a connection: planning it takes longer than a small commit. */
export const commitStatement = {
  name: 'marginalia_commit',
  text: `WITH ${claim}, ${writes(8)} SELECT room, seq::float8 FROM won`,
};

/** Goes on writing what is too large for one statement. */
export const continueStatement = {
  name: 'marginalia_continue',
  text: `WITH ${claimed}, ${writes(3)} SELECT`,
};
