/** Times by which the code of pages is slowed down: `WEB_SLOWDOWN`, such as 4, with which tests that are faster than the page fail. */
export const slowdown = Number(process.env.WEB_SLOWDOWN ?? 1);
