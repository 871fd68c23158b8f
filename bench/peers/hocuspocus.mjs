// Hocuspocus as it comes, with SQLite in the folder that is named.
import { SQLite } from '@hocuspocus/extension-sqlite';
import { Server } from '@hocuspocus/server';

const [port, folder] = process.argv.slice(2);
const extensions = [new SQLite({ database: `${folder}/documents.sqlite` })];
const server = new Server({ port: Number(port), address: '127.0.0.1', quiet: true, extensions });
await server.listen();
console.log(`ready at http://127.0.0.1:${port}`);
