/** The mark: a page, its lines, and one stroke in the margin. */

export function BrandMark() {
  return (
    <svg className="mark" viewBox="0 0 24 24" aria-hidden="true">
      <path d="M4 3.5h16v17H4zM14.5 3.5v17M7 8h4.5M7 12h4.5M7 16h3" />
      <path className="dot" d="M17.25 11v3" />
    </svg>
  );
}
