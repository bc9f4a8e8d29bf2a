import { describe, expect, it } from '@jest/globals';
import { attributesText, labelChange, readAttributes, readTags } from './label-text';

describe('labels as text', () => {
  it('are tags a line, each once', () => {
    expect(readTags(' vip \n\nÜber 100 €\nvip\n')).toEqual(['vip', 'Über 100 €']);
  });

  it('are attributes that can be read again', () => {
    const attributes = {
      customer: 'ada',
      total: 12.5,
      paid: true,
      code: '007',
      number: '7',
      flag: 'true',
      quoted: '"so"',
      spaced: ' a ',
      empty: '',
      equation: 'a=b',
    };
    const text = attributesText(attributes);
    expect(text).toContain('number="7"\nflag="true"\nquoted=""so""\nspaced=" a "');
    expect(readAttributes(text)).toEqual({ ok: true, value: attributes });
  });

  it('name the line that is none', () => {
    expect(readAttributes('a=1\n2b=1')).toEqual({ ok: false, error: '2b=1' });
  });

  it('change by what is new, other and gone', () => {
    const before = { tags: ['a', 'b'], attributes: { kept: 1, other: 'x', gone: true } };
    const after = { tags: ['b', 'c'], attributes: { kept: 1, other: 'y', added: 0 } };
    expect(labelChange(before, after)).toEqual({
      addTags: ['c'],
      removeTags: ['a'],
      attributes: { other: 'y', added: 0, gone: null },
    });
  });
});
