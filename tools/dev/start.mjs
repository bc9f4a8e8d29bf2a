// `npm start`: installs and builds what is missing, then starts the platform and stays with it.
import { bootstrap, runsOnNode24 } from './bootstrap.mjs';

const help = `Starts Parley: PostgreSQL, the services, the demo business and the console.

  npm start [-- options]

  --open   open the console in the browser when everything is ready
  --help   this text

Environment
  PARLEY_PORT_BASE   first of the ports; console and API listen on it (7400)
  PARLEY_HOME        data, keys and logs (.parley)
  DATABASE_URL       superuser's URL of a PostgreSQL server to use instead of the embedded one
  PARLEY_LLM_*       language model for the agent; without it the offline planner is used
`;

const options = process.argv.slice(2);
const unknown = options.find((option) => !['--open', '--help'].includes(option));
if (unknown !== undefined) {
  console.error(`Unknown option ${unknown}.\n\n${help}`);
  process.exitCode = 2;
} else if (options.includes('--help')) {
  console.log(help);
} else {
  await bootstrap();
  if (runsOnNode24()) {
    const { launch } = await import('./launch.ts');
    await launch({ open: options.includes('--open') });
  }
}
