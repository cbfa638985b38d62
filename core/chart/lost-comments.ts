/** Sentence for the warning `comments.lost`: which file has lost its comments, why, and what to do. */
export function explainLost(file: string, reason: string): string {
  return `${file} was written anew and has lost its comments: ${reason}. Edit the file and upload the chart to keep them.`;
}
