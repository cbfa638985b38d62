export { RegistryError } from './errors.ts';
