import type { RouteAccess } from './route-access.ts';

/** Route as Hono has it. */
export interface HonoRoute {
  method: string;
  path: string;
  handler: object;
}

const accessByHandler = new WeakMap<object, RouteAccess | 'middleware'>();

/** Declares the right that a handler needs, or that it is middleware. @returns the handler */
export function declareAccess<Handler extends object>(
  handler: Handler,
  access: RouteAccess | 'middleware',
): Handler {
  accessByHandler.set(handler, access);
  return handler;
}

/**
 * Checks that every route names the right that it needs.
 * @throws {Error} that names a route without one: such a program does not start
 */
export function assertAccessDeclared(routes: readonly HonoRoute[]): void {
  const undeclared = routes.filter(({ handler }) => !accessByHandler.has(handler));
  if (undeclared.length === 0) return;
  const names = undeclared.map(({ method, path }) => `${method} ${path}`).join(', ');
  throw new Error(`routes without a declared right: ${names}`);
}

/** Returns the routes with their rights, without middleware. */
export function listRouteAccess(
  routes: readonly HonoRoute[],
): { method: string; path: string; access: RouteAccess }[] {
  return routes.flatMap(({ method, path, handler }) => {
    const access = accessByHandler.get(handler);
    return access === undefined || access === 'middleware' ? [] : [{ method, path, access }];
  });
}
