import { describe, expect, it } from '@jest/globals';
import { compile } from '@parley/jq';
import type { Json } from '@parley/kernel';
import { splitTemplate } from './uri-template.js';

/** The values of RFC 6570, section 3.2. */
const values: Json = {
  count: ['one', 'two', 'three'],
  dom: ['example', 'com'],
  dub: 'me/too',
  hello: 'Hello World!',
  half: '50%',
  var: 'value',
  who: 'fred',
  base: 'http://example.com/home/',
  path: '/foo/bar',
  list: ['red', 'green', 'blue'],
  keys: { semi: ';', dot: '.', comma: ',' },
  v: '6',
  x: '1024',
  y: '768',
  empty: '',
  empty_keys: [],
  undef: null,
};

function expand(template: string): string {
  return splitTemplate(template)
    .map((part) => (typeof part === 'string' ? part : evaluate(part.source)))
    .join('');
}

function evaluate(source: string): string {
  const program = compile(source, { variables: [] });
  if (!program.ok) throw new Error(`${source}: ${program.error.message}`);
  return [...program.value.run(values, { variables: {} })].map(String).join('');
}

describe('URI templates', () => {
  it.each([
    ['{var}', 'value'],
    ['{hello}', 'Hello%20World%21'],
    ['{half}', '50%25'],
    ['O{empty}X', 'OX'],
    ['{x,y}', '1024,768'],
    ['{x,hello,y}', '1024,Hello%20World%21,768'],
    ['?{x,undef}', '?1024'],
    ['{var:3}', 'val'],
    ['{list*}', 'red,green,blue'],
    ['{x,list}', '1024,red,green,blue'],
    ['{x,keys}', '1024,semi,%3B,dot,.,comma,%2C'],
    ['{keys*}', 'semi=%3B,dot=.,comma=%2C'],
    ['{+var}', 'value'],
    ['{+hello}', 'Hello%20World!'],
    ['{+half}', '50%25'],
    ['{base}index', 'http%3A%2F%2Fexample.com%2Fhome%2Findex'],
    ['{+base}index', 'http://example.com/home/index'],
    ['up{+path}{var}/here', 'up/foo/barvalue/here'],
    ['{+path:6}/here', '/foo/b/here'],
    ['{+keys*}', 'semi=;,dot=.,comma=,'],
    ['{#var}', '#value'],
    ['{#x,hello,y}', '#1024,Hello%20World!,768'],
    ['{#list*}', '#red,green,blue'],
    ['{.who}', '.fred'],
    ['www{.dom*}', 'www.example.com'],
    ['X{.list}', 'X.red,green,blue'],
    ['X{.empty_keys}', 'X'],
    ['{/who}', '/fred'],
    ['{/var,x}/here', '/value/1024/here'],
    ['{/list*,path:4}', '/red/green/blue/%2Ffoo'],
    ['{;x,y,empty}', ';x=1024;y=768;empty'],
    ['{;list}', ';list=red,green,blue'],
    ['{;list*}', ';list=red;list=green;list=blue'],
    ['{;keys*}', ';semi=%3B;dot=.;comma=%2C'],
    ['{;hello:5}', ';hello=Hello'],
    ['{?x,y,undef}', '?x=1024&y=768'],
    ['{?x,y,empty}', '?x=1024&y=768&empty='],
    ['{?list*}', '?list=red&list=green&list=blue'],
    ['{?keys}', '?keys=semi,%3B,dot,.,comma,%2C'],
    ['{?var:3}', '?var=val'],
    ['?fixed=yes{&x}', '?fixed=yes&x=1024'],
    ['{&keys*}', '&semi=%3B&dot=.&comma=%2C'],
    ['{?undef}', ''],
    ['no places', 'no places'],
  ])('%s → %s', (template, expected) => {
    expect(expand(template)).toBe(expected);
  });

  it('a place by itself must have a value', () => {
    expect(() => expand('/orders/{undef}')).toThrow('needs "undef"');
  });
});
