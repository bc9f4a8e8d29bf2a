import { describe, expect, it } from '@jest/globals';
import { jqFormats, jqFunctions, knownSignatures, signatureOf } from './jq-docs.js';

describe('jqFunctions', () => {
  it('explains every function once, and no other', () => {
    const explained = jqFunctions.map(({ call }) => signatureOf(call));
    expect(explained.toSorted()).toEqual([...knownSignatures()].toSorted());
  });

  it('knows the formats', () => {
    expect(Object.keys(jqFormats)).toEqual(expect.arrayContaining(['@json', '@base64', '@uri']));
  });
});
