export { FileObjects } from './file-objects.js';
export { hashOfObject, type ObjectKey, type ObjectStore } from './object-store.js';
