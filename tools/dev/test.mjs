// `npm test [-- jest arguments]`: installs and builds what is missing, then runs the tests.
import { bootstrap, runScript, runsOnNode24 } from './bootstrap.mjs';

await bootstrap();
if (runsOnNode24()) process.exitCode = runScript('jest', process.argv.slice(2));
