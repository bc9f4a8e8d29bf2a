export { busContract, type BusHarness, type ForeignConsumer } from './contract.js';
