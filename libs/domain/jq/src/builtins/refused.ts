/** Builtins of jq that reach outside of the evaluation, and why they are not available. */
const IO = 'reading further inputs is not available';
const OUTSIDE = 'the environment of the process is not available';
const MODULES = 'modules are not available';
const ZONE = 'the local time zone is not available; use the UTC functions';

export const refusals: Record<string, string> = {
  'input/0': IO,
  'inputs/0': IO,
  'input_line_number/0': IO,
  'input_filename/0': IO,
  'env/0': OUTSIDE,
  'halt/0': 'a program cannot stop the process',
  'halt_error/0': 'a program cannot stop the process; use error',
  'halt_error/1': 'a program cannot stop the process; use error',
  'debug/0': 'there is no debug output',
  'debug/1': 'there is no debug output',
  'stderr/0': 'there is no error output',
  'modulemeta/0': MODULES,
  'get_search_list/0': MODULES,
  'get_prog_origin/0': MODULES,
  'get_jq_origin/0': MODULES,
  'localtime/0': ZONE,
  'strflocaltime/1': ZONE,
};
