/** The server refuses other links in a text; the page draws none that it would not follow. */
const followed = /^(?:https?:|mailto:|#|\/(?!\/)|\.{1,2}\/|[^:/?#]+(?:[/?#]|$))/i;

export const safeLink = (url: string): string | undefined => (followed.test(url.trim()) ? url : undefined);
