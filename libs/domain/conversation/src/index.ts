export {
  errorsOf,
  obstaclesOf,
  openQuestions,
  questionsAfterEdit,
  revisionHash,
  type RevisionContent,
} from './draft.js';
export { titleOf } from './title.js';
