// `npm start`: builds what changed, then runs the server in this very process, which saves the start of another.
import './build.mjs';

await import('../dist/server/main.js');
