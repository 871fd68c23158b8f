/** The typed client that Prisma generates from `prisma/schema.prisma`, under the one name by which others import it. */

export { Prisma, PrismaClient } from './generated/client.js';
