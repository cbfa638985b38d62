/** Name and password for a registry. */
export interface Basic {
  user: string;
  password: string;
}
