export {
  hasUnreadDocuments,
  hindranceInWords,
  hindrancesIn,
  obstaclesOf,
  openQuestions,
  questionsAfterEdit,
  revisionHash,
  withReasons,
  type RevisionContent,
} from './draft.js';
export { titleOf } from './title.js';
