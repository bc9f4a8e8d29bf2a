import { countOf, totalOf, type Count, type ModeResult } from './kit.ts';

/** What is printed: each feature, then the total, then what failed and why. */
export function printed(result: ModeResult): string {
  const lines = result.features.map(
    ({ file, scenarios }) => `  ${file.padEnd(20)} ${counted(countOf(scenarios))}`,
  );
  const failures = result.features.flatMap(({ file, scenarios }) =>
    scenarios
      .filter(({ failure }) => failure !== undefined)
      .map(({ name, failure }) => `  FAILED ${file}: ${name}\n    ${String(failure)}`),
  );
  const total = `  ${'total'.padEnd(20)} ${counted(totalOf(result))}`;
  return [result.title, ...lines, total, ...failures].join('\n');
}

function counted({ passed, failed }: Count): string {
  return `${String(passed)} passed, ${String(failed)} failed`;
}

/** The page of the repository; equal results give equal text. */
export function page(results: readonly ModeResult[]): string {
  const [first] = results;
  const titles = results.map(({ title }) => title);
  const rows = (first?.features ?? []).flatMap(({ file, scenarios }) =>
    scenarios.map(({ name }) => {
      const cells = results.map((result) => cellOf(result, file, name));
      return `| \`${file}\` | ${name} | ${cells.join(' | ')} |`;
    }),
  );
  const totals = results.map((result) => {
    const { passed, failed } = totalOf(result);
    return `**${String(passed)} of ${String(passed + failed)}**`;
  });
  return `# Conformance

Results of the conformance kit of the Open Workflow Specification 1.0.3. \`npm run conformance\` plays it
and writes this page; the kit itself is not part of this repository: \`--spec DIR\` or
\`PARLEY_SPEC_DIR\` names a folder that has it as \`ctk/*.feature\`.

| Feature | Scenario | ${titles.join(' | ')} |
|---|---|${titles.map(() => '---').join('|')}|
${rows.join('\n')}
| **Total** | | ${totals.join(' | ')} |

How it is played:

- **Pure machine, in-memory shell**: the definition is compiled and run by the state machine of the
  engine alone, in virtual time; a function stands for the systems that the kit calls.
- **PostgreSQL shell**: the built compiler and workflow services on a fresh PostgreSQL. Each definition
  is published (its OpenAPI document is fetched and pinned), started and read back over HTTP; calls go
  through the outbound adapter over a socket.
- The kit calls \`petstore.swagger.io\` and \`httpbin.org\`. A local stub answers in their place: the
  outbound adapter has a list of stand-ins (origin → origin) that only code can set, no environment.
  Definitions are played as they are; no address in them is rewritten.
`;
}

function cellOf(result: ModeResult, file: string, scenario: string): string {
  const feature = result.features.find((one) => one.file === file);
  const played = feature?.scenarios.find((one) => one.name === scenario);
  if (played === undefined) return 'not played';
  return played.failure === undefined ? 'passed' : 'failed';
}
