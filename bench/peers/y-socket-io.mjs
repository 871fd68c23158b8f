// y-socket.io as it comes, with LevelDB in the folder that is named.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { Server } from 'socket.io';

// Its ES modules cannot be loaded by Node.
const { YSocketIO } = createRequire(import.meta.url)('y-socket.io/dist/server');

const [port, folder] = process.argv.slice(2);
const server = createServer((_request, response) => response.end());
new YSocketIO(new Server(server), { levelPersistenceDir: `${folder}/level` }).initialize();
server.listen(Number(port), '127.0.0.1', () => console.log(`ready at http://127.0.0.1:${port}`));
