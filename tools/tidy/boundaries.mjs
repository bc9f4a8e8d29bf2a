const layer = (name) => `layer:${name}`;

/** Layers: kernel ← contracts ← domain ← adapters and kits ← apps; apps never import apps. */
const layerConstraints = [
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
];

const scope = (name, ...others) => ({
  sourceTag: `scope:${name}`,
  onlyDependOnLibsWithTags: ['kernel', 'contracts', name, ...others].map((one) => `scope:${one}`),
});
const service = ['adapters', 'kit', 'testing'];

/**
 * Scopes: the language (IR, jq, DSL) may be used by the engine, the agent, the CLI and the console,
 * and the agent tries its drafts out; other domains keep to themselves and meet through contracts.
 */
const scopeConstraints = [
  scope('language'),
  scope('engine', 'language'),
  scope('connectors'),
  scope('agent', 'language', 'engine', 'connectors', ...service),
  scope('conversation', 'language', ...service),
  scope('platform', ...service),
  scope('gateway', ...service),
  scope('dsl-compiler', 'language', ...service),
  scope('workflow', 'language', 'engine', 'connectors', ...service),
  scope('console', 'sdk', 'language'),
  scope('cli', 'sdk', 'language', 'engine'),
];

export const depConstraints = [...layerConstraints, ...scopeConstraints];
