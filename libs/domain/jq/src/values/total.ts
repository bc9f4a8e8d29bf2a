import { copyObject, isJsonObject, putMember, type Json, type JsonObject } from '@parley/kernel';
import type { Meter } from '../limits.js';
import { add } from './arithmetic.js';

/** A sum with jq's `+`. It grows one array or object of its own instead of copying it each time. */
export class Total {
  /** Whether `total` was made here. */
  private owned = false;

  constructor(
    private readonly meter: Meter,
    private total: Json = null,
  ) {}

  add(value: Json): void {
    const { meter, total } = this;
    meter.spend(1);
    if (typeof total === 'number' && typeof value === 'number') {
      this.total = total + value;
      return;
    }
    if (Array.isArray(total) && Array.isArray(value)) {
      if (!this.owned) this.own([...total]);
      const list = this.total as Json[];
      meter.arrayOf(list.length + value.length);
      meter.copy(value.length);
      for (const item of value) list.push(item);
    } else if (isJsonObject(total) && isJsonObject(value)) {
      if (!this.owned) this.own(copyObject(total));
      const keys = Object.keys(value);
      meter.copy(keys.length);
      let object = this.total as JsonObject;
      for (const key of keys) object = putMember(object, key, value[key] as Json);
      this.total = object;
    } else {
      this.total = add(total, value, meter);
      this.owned &&= value === null;
    }
  }

  value(): Json {
    return this.total;
  }

  private own(copy: Json[] | JsonObject): void {
    this.meter.copy(Object.keys(copy).length);
    this.total = copy;
    this.owned = true;
  }
}
