/** Entries that go before it is worth making the map anew. */
const goneMin = 64;

/**
 * A map whose entries come and go all the time, for what is to be garbage soon after it has gone.
 *
 * When a `Map` makes room, V8 leaves a reference to the new table in the old one. An old table that has once
 * been moved to the old generation thus keeps every later one alive, and with them whatever has passed
 * through the map, until the whole heap is cleaned up. This map is copied now and then, which ends such a
 * chain, at a constant cost per entry. Not for maps of hundreds of thousands: a copy is made in one piece.
 */
export class PassingMap<K, V> {
  private map = new Map<K, V>();
  private gone = 0;

  get size(): number {
    return this.map.size;
  }

  has(key: K): boolean {
    return this.map.has(key);
  }

  get(key: K): V | undefined {
    return this.map.get(key);
  }

  set(key: K, value: V): void {
    this.map.set(key, value);
  }

  /** @returns whether there was such an entry */
  delete(key: K): boolean {
    if (!this.map.delete(key)) return false;
    this.gone += 1;
    if (this.gone >= Math.max(goneMin, this.map.size)) {
      this.map = new Map(this.map);
      this.gone = 0;
    }
    return true;
  }

  /**
   * In the order in which they came, like the other two; what goes meanwhile may still be given, and what
   * comes meanwhile may not.
   */
  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.map.entries();
  }

  keys(): MapIterator<K> {
    return this.map.keys();
  }

  values(): MapIterator<V> {
    return this.map.values();
  }
}
