package page

// Duty is something that waits for a reader who is signed in, for the page "what needs me today".
type Duty struct {
	// Text says it in the reader's language, Path leads there.
	Text, Path string
	// Hint says more in one short line: since when, for whom.
	Hint string
	// By is until when it is asked for; nil where nothing is.
	By *When
	// Count is how many; 0 where it is not a matter of numbers.
	Count int
}
