-- CreateTable
CREATE TABLE "instance" (
    "id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "instance_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "people" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "people_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "groups" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "founder_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "groups_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "memberships" (
    "group_id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "role" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "name_key" TEXT NOT NULL,
    "joined_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "memberships_pkey" PRIMARY KEY ("group_id","person_id")
);

-- CreateTable
CREATE TABLE "invitations" (
    "id" UUID NOT NULL,
    "group_id" UUID NOT NULL,
    "code" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3),
    "uses" INTEGER NOT NULL DEFAULT 0,
    "max_uses" INTEGER,
    "revoked_at" TIMESTAMPTZ(3),
    "created_by_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "invitations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sessions" (
    "id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "secret_hash" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "sessions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "tokens" (
    "id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "secret_hash" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_used_at" TIMESTAMPTZ(3),

    CONSTRAINT "tokens_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "room_tokens" (
    "secret_hash" BYTEA NOT NULL,
    "person_id" UUID NOT NULL,
    "room" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "room_tokens_pkey" PRIMARY KEY ("secret_hash")
);

-- CreateTable
CREATE TABLE "sign_in_links" (
    "secret_hash" BYTEA NOT NULL,
    "person_id" UUID NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "used_at" TIMESTAMPTZ(3),

    CONSTRAINT "sign_in_links_pkey" PRIMARY KEY ("secret_hash")
);

-- CreateTable
CREATE TABLE "documents" (
    "id" UUID NOT NULL,
    "group_id" UUID NOT NULL,
    "title" TEXT NOT NULL,
    "author" TEXT,
    "language" TEXT NOT NULL,
    "length" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by_id" UUID,
    "removed_at" TIMESTAMPTZ(3),

    CONSTRAINT "documents_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "layers" (
    "id" UUID NOT NULL,
    "document_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "owner_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "layers_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "rooms" (
    "name" TEXT NOT NULL,
    "epoch" TEXT NOT NULL,
    "seq" BIGINT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "rooms_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "room_log" (
    "room" TEXT NOT NULL,
    "seq" BIGINT NOT NULL,
    "part" INTEGER NOT NULL,
    "update" BYTEA NOT NULL,
    "more" BOOLEAN NOT NULL DEFAULT false,
    "person" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "room_log_pkey" PRIMARY KEY ("room","seq","part")
);

-- CreateTable
CREATE TABLE "snapshots" (
    "room" TEXT NOT NULL,
    "seq" BIGINT NOT NULL,
    "part" INTEGER NOT NULL,
    "state" BYTEA NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "snapshots_pkey" PRIMARY KEY ("room","seq","part")
);

-- CreateTable
CREATE TABLE "room_clients" (
    "room" TEXT NOT NULL,
    "client" BIGINT NOT NULL,
    "person" TEXT NOT NULL,
    "seq" BIGINT NOT NULL,

    CONSTRAINT "room_clients_pkey" PRIMARY KEY ("room","client")
);

-- CreateTable
CREATE TABLE "annotations" (
    "layer_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "author" TEXT NOT NULL,
    "created" DOUBLE PRECISION NOT NULL,
    "edited" DOUBLE PRECISION,
    "motivation" TEXT NOT NULL,
    "color" TEXT NOT NULL,
    "tags" TEXT[],
    "exact" TEXT,
    "from_offset" DOUBLE PRECISION,
    "to_offset" DOUBLE PRECISION,
    "suggestion" TEXT,
    "status" TEXT NOT NULL,
    "decision" TEXT,
    "assigned_to" TEXT,
    "hidden" BOOLEAN NOT NULL,
    "removed" DOUBLE PRECISION,

    CONSTRAINT "annotations_pkey" PRIMARY KEY ("layer_id","id")
);

-- CreateTable
CREATE TABLE "comments" (
    "layer_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "annotation" UUID NOT NULL,
    "parent" UUID,
    "author" TEXT NOT NULL,
    "created" DOUBLE PRECISION NOT NULL,
    "edited" DOUBLE PRECISION,
    "body" TEXT NOT NULL,
    "hidden" BOOLEAN NOT NULL,
    "removed" DOUBLE PRECISION,

    CONSTRAINT "comments_pkey" PRIMARY KEY ("layer_id","id")
);

-- CreateTable
CREATE TABLE "annotation_names" (
    "layer_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "id" UUID NOT NULL,

    CONSTRAINT "annotation_names_pkey" PRIMARY KEY ("layer_id","name")
);

-- CreateIndex
CREATE UNIQUE INDEX "groups_founder_id_key" ON "groups"("founder_id");

-- CreateIndex
CREATE INDEX "memberships_person_id_idx" ON "memberships"("person_id");

-- CreateIndex
CREATE UNIQUE INDEX "memberships_group_id_name_key_key" ON "memberships"("group_id", "name_key");

-- CreateIndex
CREATE UNIQUE INDEX "invitations_code_key" ON "invitations"("code");

-- CreateIndex
CREATE INDEX "invitations_group_id_idx" ON "invitations"("group_id");

-- CreateIndex
CREATE UNIQUE INDEX "sessions_secret_hash_key" ON "sessions"("secret_hash");

-- CreateIndex
CREATE INDEX "sessions_person_id_idx" ON "sessions"("person_id");

-- CreateIndex
CREATE UNIQUE INDEX "tokens_secret_hash_key" ON "tokens"("secret_hash");

-- CreateIndex
CREATE INDEX "tokens_person_id_idx" ON "tokens"("person_id");

-- CreateIndex
CREATE INDEX "room_tokens_person_id_idx" ON "room_tokens"("person_id");

-- CreateIndex
CREATE INDEX "sign_in_links_person_id_idx" ON "sign_in_links"("person_id");

-- CreateIndex
CREATE INDEX "documents_group_id_idx" ON "documents"("group_id");

-- CreateIndex
CREATE INDEX "layers_owner_id_idx" ON "layers"("owner_id");

-- CreateIndex
CREATE UNIQUE INDEX "layers_document_id_owner_id_kind_key" ON "layers"("document_id", "owner_id", "kind");

-- CreateIndex
CREATE INDEX "room_clients_room_seq_idx" ON "room_clients"("room", "seq");

-- CreateIndex
CREATE INDEX "annotations_layer_id_created_idx" ON "annotations"("layer_id", "created");

-- CreateIndex
CREATE INDEX "comments_layer_id_annotation_idx" ON "comments"("layer_id", "annotation");

-- CreateIndex
CREATE INDEX "annotation_names_layer_id_id_idx" ON "annotation_names"("layer_id", "id");

-- AddForeignKey
ALTER TABLE "groups" ADD CONSTRAINT "groups_founder_id_fkey" FOREIGN KEY ("founder_id") REFERENCES "people"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_group_id_fkey" FOREIGN KEY ("group_id") REFERENCES "groups"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "people"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "invitations" ADD CONSTRAINT "invitations_group_id_fkey" FOREIGN KEY ("group_id") REFERENCES "groups"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "invitations" ADD CONSTRAINT "invitations_created_by_id_fkey" FOREIGN KEY ("created_by_id") REFERENCES "people"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "people"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tokens" ADD CONSTRAINT "tokens_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "people"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "room_tokens" ADD CONSTRAINT "room_tokens_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "people"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sign_in_links" ADD CONSTRAINT "sign_in_links_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "people"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "documents" ADD CONSTRAINT "documents_group_id_fkey" FOREIGN KEY ("group_id") REFERENCES "groups"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "documents" ADD CONSTRAINT "documents_created_by_id_fkey" FOREIGN KEY ("created_by_id") REFERENCES "people"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "layers" ADD CONSTRAINT "layers_document_id_fkey" FOREIGN KEY ("document_id") REFERENCES "documents"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "layers" ADD CONSTRAINT "layers_owner_id_fkey" FOREIGN KEY ("owner_id") REFERENCES "people"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What Prisma's schema cannot say, written by hand.

-- An installation has one id.
CREATE UNIQUE INDEX "instance_one_row" ON "instance"((true));

ALTER TABLE "memberships" ADD CONSTRAINT "memberships_role_check" CHECK ("role" IN ('owner', 'moderator', 'editor', 'reader', 'viewer'));
ALTER TABLE "invitations" ADD CONSTRAINT "invitations_role_check" CHECK ("role" IN ('owner', 'moderator', 'editor', 'reader', 'viewer'));
ALTER TABLE "invitations" ADD CONSTRAINT "invitations_uses_check" CHECK ("uses" >= 0 AND ("max_uses" IS NULL OR "uses" <= "max_uses"));
ALTER TABLE "layers" ADD CONSTRAINT "layers_kind_check" CHECK ("kind" IN ('shared', 'private', 'section') AND ("kind" = 'private') = ("owner_id" IS NOT NULL));
ALTER TABLE "rooms" ADD CONSTRAINT "rooms_seq_check" CHECK ("seq" >= 1);
ALTER TABLE "room_log" ADD CONSTRAINT "room_log_seq_check" CHECK ("seq" >= 1 AND "part" >= 0);
ALTER TABLE "room_clients" ADD CONSTRAINT "room_clients_client_check" CHECK ("client" BETWEEN 0 AND 9007199254740991);

-- Updates and states are compressed already or too small for it to pay: kept as they are, outside the row when long.
ALTER TABLE "room_log" ALTER COLUMN "update" SET STORAGE EXTERNAL;
ALTER TABLE "snapshots" ALTER COLUMN "state" SET STORAGE EXTERNAL;
