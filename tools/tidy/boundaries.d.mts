interface DependencyConstraint {
  readonly sourceTag: string;
  readonly onlyDependOnLibsWithTags: readonly string[];
}

export const layerConstraints: readonly DependencyConstraint[];
export const depConstraints: readonly DependencyConstraint[];
