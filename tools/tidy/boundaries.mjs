const layer = (name) => `layer:${name}`;

/** kernel ← contracts ← domain ← adapters and kits ← apps; apps never import apps. */
export const depConstraints = [
  { sourceTag: layer('kernel'), onlyDependOnLibsWithTags: [] },
  { sourceTag: layer('contracts'), onlyDependOnLibsWithTags: [layer('kernel')] },
  {
    sourceTag: layer('domain'),
    onlyDependOnLibsWithTags: [layer('kernel'), layer('contracts'), layer('domain')],
  },
  {
    sourceTag: layer('adapter'),
    onlyDependOnLibsWithTags: [
      layer('kernel'),
      layer('contracts'),
      layer('domain'),
      layer('adapter'),
      layer('testing'),
    ],
  },
  {
    sourceTag: layer('kit'),
    onlyDependOnLibsWithTags: [
      layer('kernel'),
      layer('contracts'),
      layer('adapter'),
      layer('testing'),
    ],
  },
  { sourceTag: layer('sdk'), onlyDependOnLibsWithTags: [layer('kernel'), layer('contracts')] },
  {
    sourceTag: layer('testing'),
    onlyDependOnLibsWithTags: [layer('kernel'), layer('contracts'), layer('adapter')],
  },
  {
    sourceTag: layer('app'),
    onlyDependOnLibsWithTags: [
      layer('kernel'),
      layer('contracts'),
      layer('domain'),
      layer('adapter'),
      layer('kit'),
      layer('sdk'),
      layer('testing'),
    ],
  },
  // The language may be used by the engine, the agent, the CLI and the console; other domains keep
  // to themselves and meet through contracts.
  {
    sourceTag: 'scope:language',
    onlyDependOnLibsWithTags: ['scope:kernel', 'scope:contracts', 'scope:language'],
  },
  {
    sourceTag: 'scope:engine',
    onlyDependOnLibsWithTags: ['scope:kernel', 'scope:contracts', 'scope:language', 'scope:engine'],
  },
  {
    sourceTag: 'scope:connectors',
    onlyDependOnLibsWithTags: ['scope:kernel', 'scope:contracts', 'scope:connectors'],
  },
  {
    sourceTag: 'scope:console',
    onlyDependOnLibsWithTags: ['scope:kernel', 'scope:contracts', 'scope:sdk', 'scope:language'],
  },
  {
    sourceTag: 'scope:cli',
    onlyDependOnLibsWithTags: ['scope:kernel', 'scope:contracts', 'scope:sdk', 'scope:language'],
  },
];
