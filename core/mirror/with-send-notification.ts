import type { Dispatcher } from 'undici';

/**
 * Wraps a dispatcher so that it calls back when it sends a request. A request that waits for a connection is not sent yet.
 * @param onSending called again where the connection breaks before the request is through
 */
export function withSendNotification(dispatcher: Dispatcher, onSending: () => void): Dispatcher {
  return dispatcher.compose((dispatch) => (options, handler) => dispatch(options, notifyOnStart(handler)));

  function notifyOnStart(handler: Dispatcher.DispatchHandler): Dispatcher.DispatchHandler {
    return {
      onRequestStart: (controller, context) => {
        onSending();
        handler.onRequestStart?.(controller, context);
      },
      onRequestUpgrade: (...args) => handler.onRequestUpgrade?.(...args),
      onResponseStart: (...args) => handler.onResponseStart?.(...args),
      onResponseData: (...args) => handler.onResponseData?.(...args),
      onResponseEnd: (...args) => handler.onResponseEnd?.(...args),
      onResponseError: (...args) => handler.onResponseError?.(...args),
    };
  }
}
