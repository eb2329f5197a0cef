/** What a segment of a URL's path stands for; as it is where it is not properly encoded. */
export function decodePathSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
