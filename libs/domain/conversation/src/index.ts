export {
  hasUnreadDocuments,
  hindranceInWords,
  hindrancesIn,
  needsExecutors,
  obstaclesOf,
  openQuestions,
  questionsAfterEdit,
  revisionHash,
  withExecutors,
  withReasons,
  type RevisionContent,
} from './draft.js';
export { titleOf } from './title.js';
