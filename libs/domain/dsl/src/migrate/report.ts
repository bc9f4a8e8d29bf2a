/** What became of a part of the old definition. */
export interface MigrationNote {
  /** JSON Pointer in the old text. */
  readonly pointer: string;
  readonly severity: 'mapped' | 'approximated' | 'dropped';
  readonly message: string;
}

/** Collects notes; the same one is told once. */
export class Report {
  private readonly notes = new Map<string, MigrationNote>();

  mapped(pointer: string, message: string): void {
    this.add({ pointer, severity: 'mapped', message });
  }

  approximated(pointer: string, message: string): void {
    this.add({ pointer, severity: 'approximated', message });
  }

  dropped(pointer: string, message: string): void {
    this.add({ pointer, severity: 'dropped', message });
  }

  list(): MigrationNote[] {
    return [...this.notes.values()];
  }

  private add(note: MigrationNote): void {
    this.notes.set(`${note.pointer} ${note.severity} ${note.message}`, note);
  }
}
