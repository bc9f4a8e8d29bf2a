export { objectStoreContract, type ObjectStoreHarness } from './contract.js';
