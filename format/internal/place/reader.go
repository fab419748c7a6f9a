package place

import (
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Reader reads one file and collects every problem it meets. Its methods take
// a nil Node for a value that is missing and then give the zero value without
// a word, so that one mistake is reported once.
type Reader struct {
	Doc       *Document
	File      string          // what the file calls itself, where it has a method Name as *os.File has
	Languages Languages       // declared by the file; texts are checked against them
	sources   []string        // ids declared by the file, in file order
	declares  map[string]bool // the same as a set
	problems  Problems
	more      int
}

// enough is how many problems are kept to choose the first MaxProblems from.
// Past it nothing is worked out any more that only a sentence needs, so that
// a hostile file costs no more than a good one.
const enough = 2 * MaxProblems

func (r *Reader) full() bool { return len(r.problems) >= enough }

// Open reads and parses a file. The error is one of reading; what is wrong
// with the content is among the problems, and then Root gives nil where
// nothing could be parsed.
func Open(in io.Reader) (*Reader, error) {
	data, err := io.ReadAll(io.LimitReader(in, MaxBytes+1))
	if err != nil {
		return nil, err
	}
	text := strings.TrimPrefix(string(data), "\uFEFF")
	r := &Reader{Doc: newDocument(text)}
	if named, ok := in.(interface{ Name() string }); ok {
		r.File = named.Name()
	}
	if len(data) > MaxBytes {
		r.Report(nil, FileTooLarge, "limit", strconv.Itoa(MaxBytes))
		return r, nil
	}
	r.Doc.Root = parse(r, text)
	return r, nil
}

// Root is the value of the whole file, or nil where it could not be parsed.
func (r *Reader) Root() *Node { return r.Doc.Root }

// Err gives all problems as Problems, or nil.
func (r *Reader) Err() error {
	return Sorted(r.problems, r.more)
}

// Report notes a problem at the start of n.
func (r *Reader) Report(n *Node, code Code, args ...string) {
	offset, value := 0, ""
	if n != nil {
		offset = n.offset
		if n.Kind != Object && n.Kind != Array {
			value = n.Text
		}
	}
	r.reportAt(offset, n, value, code, args...)
}

func (r *Reader) reportAt(offset int, n *Node, value string, code Code, args ...string) {
	if r.full() {
		r.more++
		return
	}
	site := Site{File: r.File, At: r.Doc.position(offset), Pointer: n.Pointer()}
	r.problems = append(r.problems, New(site, value, code, args...))
}

// Found is how many problems were noted so far. A value during whose reading
// it stays the same is sound.
func (r *Reader) Found() int { return len(r.problems) + r.more }

// Place names where n stands, for a problem that speaks of two places.
func (r *Reader) Place(n *Node) string {
	if r.full() {
		return ""
	}
	return Site{At: r.Doc.position(n.offset), Pointer: n.Pointer()}.String()
}

// Fields is an object that is being read. Every field that is asked for is a
// field of the format; Close reports the others.
type Fields struct {
	r     *Reader
	node  *Node
	known []string
}

// Object starts reading an object.
func (r *Reader) Object(n *Node) *Fields {
	if !r.is(n, Object) {
		return &Fields{r: r}
	}
	return &Fields{r: r, node: n}
}

// May gives the value of a field that may be missing: then nil.
func (f *Fields) May(name string) *Node {
	f.known = append(f.known, name)
	if f.node == nil {
		return nil
	}
	for _, c := range f.node.Children {
		if c.key == name {
			return c
		}
	}
	return nil
}

// Must gives the value of a field and reports it where it is missing.
func (f *Fields) Must(name string) *Node {
	n := f.May(name)
	if n == nil {
		f.Missing(name)
	}
	return n
}

// Missing reports a field that should be there.
func (f *Fields) Missing(name string) {
	if f.node != nil {
		f.r.Report(f.node, MissingField, "field", name)
	}
}

// Close reports the fields that nobody asked for.
func (f *Fields) Close() {
	if f.node == nil {
		return
	}
	var missing []string // a field that is there already is no suggestion
	for _, k := range f.known {
		if f.node.child(k) == nil {
			missing = append(missing, k)
		}
	}
	for _, c := range f.node.Children {
		if slices.Contains(f.known, c.key) {
			continue
		}
		f.r.Report(c, UnknownField, "field", Shown(c.key), "suggestion", f.r.nearest(c.key, missing), "allowed", strings.Join(f.known, ", "))
	}
}

// is checks the type of a value.
func (r *Reader) is(n *Node, want Kind) bool {
	if n == nil {
		return false
	}
	if n.Kind != want {
		r.Report(n, WrongType, "want", want.word(), "got", n.Kind.word())
		return false
	}
	return true
}

// MaxList is how many items a list may hold.
const MaxList = 1000

// List reads a list item by item. A missing list is empty.
func List[T any](r *Reader, n *Node, item func(*Node) T) []T {
	if !r.is(n, Array) {
		return nil
	}
	if len(n.Children) > MaxList {
		r.Report(n, ListTooLong, "length", strconv.Itoa(len(n.Children)), "limit", strconv.Itoa(MaxList))
		return nil
	}
	items := make([]T, 0, len(n.Children))
	for _, c := range n.Children {
		items = append(items, item(c))
	}
	return items
}

// Some reports a list without an item.
func (r *Reader) Some(n *Node) *Node {
	if n != nil && n.Kind == Array && len(n.Children) == 0 {
		r.Report(n, EmptyList, "field", n.key)
	}
	return n
}

// Limits of single values, in characters.
const (
	MaxName = 300  // names and titles
	MaxText = 2000 // sentences and addresses
)

// String reads a text of at most limit characters that is not blank.
func (r *Reader) String(n *Node, limit int) string {
	if !r.is(n, String) {
		return ""
	}
	if strings.TrimSpace(n.Text) == "" {
		r.Report(n, BlankText)
		return ""
	}
	if length := utf8.RuneCountInString(n.Text); length > limit {
		r.Report(n, TextTooLong, "length", strconv.Itoa(length), "limit", strconv.Itoa(limit))
		return ""
	}
	return n.Text
}

// Bool reads true or false.
func (r *Reader) Bool(n *Node) bool {
	return r.is(n, Bool) && n.Text == "true"
}

// Int reads a whole number from low to high.
func (r *Reader) Int(n *Node, low, high int) int {
	if !r.is(n, Number) {
		return 0
	}
	i, err := strconv.Atoi(n.Text)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		r.Report(n, NotAWholeNumber)
		return 0
	}
	if err != nil || i < low || i > high {
		r.Report(n, NumberOutOfRange, "low", strconv.Itoa(low), "high", strconv.Itoa(high))
		return 0
	}
	return i
}

// Format checks the field that names the format of the file. Where it names
// another one, the rest of the file is not to be judged.
func (r *Reader) Format(f *Fields, want string) bool {
	n := f.Must("format")
	if got := r.String(n, MaxName); got != "" && got != want {
		r.Report(n, WrongFormat, "expected", want)
		return false
	}
	return true
}

// Word reads one of the words that the format allows.
func Word[T ~string](r *Reader, n *Node, allowed ...T) T {
	if !r.is(n, String) {
		return ""
	}
	if !slices.Contains(allowed, T(n.Text)) {
		names := make([]string, len(allowed))
		for i, a := range allowed {
			names[i] = string(a)
		}
		r.Report(n, UnknownWord, "allowed", strings.Join(names, ", "), "suggestion", r.nearest(n.Text, names))
		return ""
	}
	return T(n.Text)
}

// Ref reads the id of something that is declared elsewhere, in this file or
// in the preset. Kind names what it is.
func (r *Reader) Ref(n *Node, kind string, declared []string) string {
	if !r.is(n, String) {
		return ""
	}
	if !slices.Contains(declared, n.Text) {
		r.Report(n, UnknownID, "kind", kind, "suggestion", r.nearest(n.Text, declared))
		return ""
	}
	return n.Text
}

// IDs notices when an id is given twice.
type IDs map[string]*Node

// ID reads the id of an item that can be cited: words of lower-case letters
// and digits, joined by hyphens.
func (r *Reader) ID(n *Node, taken IDs) string { return r.name(n, '-', taken) }

// Term reads the id of a word of a vocabulary: the same, joined by low lines.
func (r *Reader) Term(n *Node, taken IDs) string { return r.name(n, '_', taken) }

func (r *Reader) name(n *Node, joint byte, taken IDs) string {
	if !r.is(n, String) {
		return ""
	}
	if !isName(n.Text, joint) {
		r.Report(n, BadID, "joint", string(joint))
		return ""
	}
	if first := taken[n.Text]; first != nil {
		r.Report(n, DuplicateID, "first", r.Place(first))
		return ""
	}
	if taken != nil {
		taken[n.Text] = n
	}
	return n.Text
}

// isName keeps ids harmless wherever they end up: in a path, a URL, a
// fragment, a shell. It allows nothing that has a meaning there.
func isName(s string, joint byte) bool {
	if len(s) > 64 {
		return false
	}
	last := joint
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
		case c == joint && last != joint:
		default:
			return false
		}
		last = c
	}
	return last != joint
}

// Reference reads "dialogue/item" and gives both parts.
func (r *Reader) Reference(n *Node) (dialogue, item string) {
	if !r.is(n, String) {
		return "", ""
	}
	dialogue, item, _ = strings.Cut(n.Text, "/")
	if !isName(dialogue, '-') || !isName(item, '-') {
		r.Report(n, BadReference)
		return "", ""
	}
	return dialogue, item
}

func (r *Reader) nearest(s string, names []string) string {
	if r.full() {
		return ""
	}
	return Nearest(s, names)
}

// Nearest gives the name that was most probably meant, or "" where none is
// near. Near is a distance of one edit for every three characters, at least
// one (Levenshtein). It looks at the first 500 names only.
func Nearest(s string, names []string) string {
	if len(s) > 64 {
		return ""
	}
	names = names[:min(len(names), 500)]
	best, least := "", max(1, utf8.RuneCountInString(s)/3)+1
	for _, name := range names {
		if len(name)-len(s) >= least || len(s)-len(name) >= least+3 {
			continue
		}
		if d := distance([]rune(s), []rune(name)); d < least {
			best, least = name, d
		}
	}
	return best
}

func distance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		above := row[0] // row i, column j
		row[0] = i + 1
		for j, y := range b {
			change := above
			if x != y {
				change++
			}
			above = row[j+1]
			row[j+1] = min(change, row[j]+1, above+1)
		}
	}
	return row[len(b)]
}
