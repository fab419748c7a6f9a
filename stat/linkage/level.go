package linkage

import "math/bits"

// A level is the outcome of comparing one field of two records. Every kind has
// its own list; level 0 always means that one of the two values is missing.
type level = uint8

const (
	missing   level = iota
	differ          // nothing in common
	similar         // code: a few letters; number: within a tenth; date: within ten years
	close           // one slip; date: within a year
	exact           // the same after folding
	exchanged       // the value stands in the partner field of the other record, and the other way round
	strayed         // the value stands in the partner field of the other record, which misses its own
	partial         // date: known parts agree, others are unknown
)

// Dates have two more levels between close and exact, in the place of the two
// that only names use.
const (
	twoParts = exchanged // two of year, month and day agree
	slip     = strayed   // day and month exchanged, or one digit wrong
)

const levels = 8

var levelNames = [levels]string{"missing", "differs", "similar", "close", "exact", "exchanged", "in the other field", "known parts agree"}

func levelName(k Kind, l level) string {
	if k == Date {
		switch l {
		case similar:
			return "within ten years"
		case close:
			return "within a year"
		case twoParts:
			return "two parts agree"
		case slip:
			return "one slip"
		}
	}
	return levelNames[l]
}

// levelsOf lists the levels that a field can give, worst first.
func (f *field) levelsOf() []level {
	switch {
	case f.kind == Date:
		return []level{differ, similar, close, partial, twoParts, slip, exact}
	case f.partner >= 0:
		return []level{differ, strayed, similar, exchanged, close, exact}
	}
	return []level{differ, similar, close, exact}
}

// compare gives the level of two values of the field, both present.
func (f *field) compare(a, b uint32) level {
	if a == b {
		if f.kind == Date && !f.values[a].date.whole() {
			return partial
		}
		return exact
	}
	x, y := &f.values[a], &f.values[b]
	switch f.kind {
	case Date:
		return compareDates(x.date, y.date)
	case Number:
		return compareNumbers(x.number, y.number)
	case Code:
		if x.wide || y.wide {
			return compareCodes(f.wide(a), f.wide(b), 0)
		}
		if !mayBeClose(x, y) {
			return differ
		}
		apart := max(bits.OnesCount64(x.mask&^y.mask), bits.OnesCount64(y.mask&^x.mask))
		return compareCodes(f.letters(x), f.letters(y), apart)
	case Text:
		return f.compareTexts(a, b, x, y)
	}
	return f.compareNames(a, b, x, y)
}

func (f *field) wide(v uint32) []rune {
	if r, ok := f.runes[v]; ok {
		return r
	}
	return []rune(string(f.letters(&f.values[v])))
}

// similarity is the Jaro-Winkler similarity of two values without spaces, or 0
// where their letters alone show that it is below 0.8.
func (f *field) similarity(a, b uint32, x, y *value) float64 {
	if x.wide || y.wide {
		return jaroWinkler(f.wide(a), f.wide(b))
	}
	if !mayBeClose(x, y) {
		return 0
	}
	return jaroWinkler(f.letters(x), f.letters(y))
}

// mayBeClose bounds the Jaro-Winkler similarity by the sets of letters: each
// distinct letter that the other value lacks is an unmatched position. The bound
// is on similarity 0.8 with the full prefix bonus, so it never hides a close pair.
func mayBeClose(x, y *value) bool {
	la, lb := int(x.size), int(y.size)
	m := min(la-bits.OnesCount64(x.mask&^y.mask), lb-bits.OnesCount64(y.mask&^x.mask))
	if m <= 0 {
		return false
	}
	// Jaro is at most (m/la + m/lb + 1)/3, and 0.8 needs a Jaro of 2/3.
	return m*(la+lb) >= la*lb
}

const (
	closeSimilarity   = 0.92
	similarSimilarity = 0.80
)

func (f *field) compareNames(a, b uint32, x, y *value) level {
	jw := f.similarity(a, b, x, y)
	if jw >= closeSimilarity {
		return close
	}
	if x.skeleton == y.skeleton && x.skeleton != 0 && (jw >= 0.7 || x.wide || y.wide) {
		return close
	}
	if x.wordCount > 1 || y.wordCount > 1 {
		if l := f.compareWords(x, y); l > differ {
			return l
		}
	} else if x.size == 1 || y.size == 1 {
		if f.text[x.from] == f.text[y.from] {
			return similar // an initial
		}
	}
	if jw >= similarSimilarity {
		return similar
	}
	return differ
}

// compareWords looks at names of several words: the same words in another order
// are close, all words of the shorter in the longer are similar.
func (f *field) compareWords(x, y *value) level {
	p, q := f.wordsOf(x), f.wordsOf(y)
	if len(p) > len(q) {
		p, q = q, p
	}
	if len(p) == 0 {
		return differ
	}
	found := 0
	var used uint16
	for _, w := range p {
		for j, u := range q {
			if used>>j&1 == 0 && (w == u || f.likeWords(w, u)) {
				used |= 1 << j
				found++
				break
			}
		}
	}
	switch {
	case found < len(p):
		return differ
	case len(p) == len(q):
		return close
	}
	return similar
}

// likeWords reports whether two words differ by one slip only.
func (f *field) likeWords(w, u uint32) bool {
	a, b := f.word[w], f.word[u]
	if len(a) < 4 || len(b) < 4 || a[0] != b[0] && a[len(a)-1] != b[len(b)-1] {
		return false
	}
	d := len(a) - len(b)
	return d <= 1 && d >= -1 && withinOne([]byte(a), []byte(b))
}

// compareTexts weighs the words that two texts share by how rare they are, a word
// with one slip counting for nine tenths, and looks at the letters without spaces
// as well, because words are often run together.
func (f *field) compareTexts(a, b uint32, x, y *value) level {
	p, q := f.wordsOf(x), f.wordsOf(y)
	var both, total float32
	var used uint16
	for _, w := range p {
		total += f.weight[w]
	}
	for _, u := range q {
		total += f.weight[u]
	}
	for _, w := range p {
		at, share := -1, float32(0)
		for j, u := range q {
			if used>>j&1 == 1 {
				continue
			}
			if w == u {
				at, share = j, 1
				break
			}
			if at < 0 && f.likeWords(w, u) {
				at, share = j, 0.9
			}
		}
		if at >= 0 {
			used |= 1 << at
			both += share * (f.weight[w] + f.weight[q[at]])
		}
	}
	dice := float32(0)
	if total > 0 {
		dice = both / total
	}
	if dice >= 0.8 {
		return close
	}
	jw := f.similarity(a, b, x, y)
	switch {
	case jw >= 0.95:
		return close
	case dice >= 0.45 || jw >= 0.88:
		return similar
	}
	return differ
}

// compareCodes counts slips. At least apart distinct letters of one code are not in
// the other, and each slip accounts for one of them.
func compareCodes[T byte | rune](a, b []T, apart int) level {
	n := min(len(a), len(b))
	limit := min(max(n/5, 2), 4)
	switch {
	case n >= 3 && apart <= 1 && withinOne(a, b):
		return close
	case n >= 6 && apart <= limit && within(a, b, limit):
		return similar
	case n >= 10 && jaroWinkler(a, b) >= 0.9:
		return similar
	}
	return differ
}

func compareNumbers(x, y float64) level {
	d := x - y
	if d < 0 {
		d = -d
	}
	top := max(x, -x, y, -y)
	switch {
	case d <= 1 && top >= 5 || d <= top/100:
		return close
	case d <= top/10 || d <= 2 && top >= 10:
		return similar
	}
	return differ
}

func compareDates(a, b date) level {
	years := int(a.year) - int(b.year)
	if years < 0 {
		years = -years
	}
	if !a.whole() || !b.whole() {
		month := a.month == b.month || a.month == 0 || b.month == 0
		day := a.day == b.day || a.day == 0 || b.day == 0
		switch {
		case years == 0 && month && day:
			return partial
		case years <= 1:
			return close
		case years <= 10:
			return similar
		}
		return differ
	}
	if dateSlip(a, b) {
		return slip
	}
	same := 0
	if years == 0 {
		same++
	}
	if a.month == b.month {
		same++
	}
	if a.day == b.day {
		same++
	}
	if same >= 2 {
		return twoParts
	}
	d := a.days() - b.days()
	switch {
	case -366 <= d && d <= 366:
		return close
	case years <= 10:
		return similar
	}
	return differ
}

// dateStyle finds how a column writes dates: which number comes first when the
// year is last, and the latest year that a two-digit year may mean (the latest
// four-digit year in the column, else 2068 as in POSIX).
func dateStyle(values []string) (dateOrder, int) {
	day, month, latest := 0, 0, 0
	for _, v := range values {
		if a, b, ok := twoNumbers(v); ok {
			switch {
			case a > 12 && b <= 12:
				day++
			case b > 12 && a <= 12:
				month++
			}
		}
		if d, ok := parseDate(v, dayFirst, 0); ok && d.year >= 1850 && d.year <= 2100 {
			latest = max(latest, int(d.year))
		}
	}
	order := dayFirst
	if month > day {
		order = monthFirst
	}
	if latest == 0 {
		latest = 2068
	}
	return order, latest
}

// twoNumbers reads the first two numbers of a date whose year stands last.
func twoNumbers(s string) (a, b int, ok bool) {
	var got [3]int
	var digits [3]int
	n := 0
	for i := 0; i < len(s) && n < 3; {
		if !isDigitByte(s[i]) {
			if isLetterByte(s[i]) {
				return 0, 0, false
			}
			i++
			continue
		}
		j := i
		for j < len(s) && isDigitByte(s[j]) {
			j++
		}
		got[n], digits[n] = integer(s[i:j]), j-i
		n++
		i = j
	}
	return got[0], got[1], n == 3 && digits[0] <= 2 && digits[1] <= 2 && (digits[2] == 4 || digits[2] == 2)
}
