// The arrows between folders, as errors: core knows nobody; rooms know core; doors know rooms and never each other.
const never = (name, from, to) => ({ name, severity: 'error', from: { path: from }, to: { path: to } });

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'core-is-pure',
      severity: 'error',
      from: { path: '^core/' },
      to: { pathNot: ['^core/', 'node_modules/(yjs|lib0|zod)/'] },
    },
    never('rooms-know-core-only', '^server/rooms/', '^server/(?!rooms/)|^client/'),
    never('http-knows-no-other-door', '^server/http/', '^server/(sockets|cluster)/|^client/'),
    never('sockets-know-no-other-door', '^server/sockets/', '^server/(http|cluster|documents)/|^client/'),
    never(
      'database-knows-no-door',
      '^server/database/',
      '^server/(http|sockets|cluster|access|documents)/|^client/',
    ),
    never(
      'cluster-knows-no-door',
      '^server/cluster/',
      '^server/(http|sockets|database|access|documents)/|^client/',
    ),
    never('access-knows-no-door', '^server/(access|documents)/', '^server/(http|sockets|cluster)/|^client/'),
    never(
      'nobody-imports-app',
      '^(server/(rooms|database|sockets|http|access|documents|cluster)|core|client)/',
      '^server/(main|app)\\.ts$',
    ),
    never('client-is-a-page', '^client/', '^server/|^node:'),
    never('session-knows-core-only', '^client/session/', '^client/(?!session/)'),
    never('parts-know-no-page', '^client/(reading|margin|review)/', '^client/(pages|library)/'),
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.base.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|server/database/generated)' },
    enhancedResolveOptions: { conditionNames: ['source', 'import', 'default'] },
  },
};
