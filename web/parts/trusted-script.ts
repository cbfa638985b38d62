/** Policy of the page for scripts. A trusted address is an object, which `new Worker` takes as it takes a text. */
interface ScriptPolicy {
  createScriptURL(address: string): string;
}

declare global {
  interface Window {
    trustedTypes?: {
      createPolicy(name: 'page', rules: { createScriptURL(address: string): string }): ScriptPolicy;
    };
  }
}

const policyRules = {
  createScriptURL(address: string): string {
    const { origin, pathname } = new URL(address, location.href);
    if (origin === location.origin && pathname.startsWith('/-/assets/')) return address;
    throw new TypeError(`${address} is not a script of this page.`);
  },
};

// A name is given to one policy only, so this module is its only maker.
const policy: ScriptPolicy = window.trustedTypes?.createPolicy('page', policyRules) ?? policyRules;

/**
 * Vouches for the address of a worker that was built with the page.
 * @throws TypeError where it is any other address
 */
export function trustScript(address: string): string {
  return policy.createScriptURL(address);
}
