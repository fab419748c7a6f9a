package linkage

import "strings"

// date is a calendar date of which parts may be unknown (0).
type date struct {
	year, month, day int16
}

func (d date) whole() bool { return d.year != 0 && d.month != 0 && d.day != 0 }

// days counts days since year 0 in the proleptic Gregorian calendar, for
// differences between whole dates (Richards 2013, the civil-from-days formula).
func (d date) days() int {
	y, m := int(d.year), int(d.month)
	if m <= 2 {
		y--
		m += 12
	}
	return 365*y + y/4 - y/100 + y/400 + (153*(m-3)+2)/5 + int(d.day)
}

// ParseDate reads a date in one of the forms that lists use, the day before the
// month where nothing tells which is which. Unknown parts are 0; ok is false if
// not even a year can be read.
func ParseDate(s string) (year, month, day int, ok bool) {
	d, ok := parseDate(s, dayFirst, 2068)
	if !ok {
		d, ok = salvageDate(s)
	}
	return int(d.year), int(d.month), int(d.day), ok
}

// dateOrder says how a date written with the year last, or with two numbers, is
// to be read. A column is read in one order, found from all its values.
type dateOrder uint8

const (
	dayFirst dateOrder = iota
	monthFirst
)

// parseDate reads one date. It knows 2006-01-02, 20060102, 2006/1/2, 02.01.2006,
// 01/02/2006 (by order), 2 January 2006, Jan 2, 2006, 2006-01, 01/2006, 2006, all
// with a time or a weekday beside them, parts written as 00, ??, XX or a dash, and
// two-digit years (pivot is the latest year a two-digit year may mean). ok is
// false if nothing of a date is there or a part is out of range.
func parseDate(s string, order dateOrder, pivot int) (d date, ok bool) {
	var parts [3]datePart
	n := 0
	month := 0 // named month
	monthAt := -1
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case isDigitByte(c):
			j := i
			for j < len(s) && isDigitByte(s[j]) {
				j++
			}
			if j < len(s) && s[j] == ':' || i > 0 && s[i-1] == ':' {
				i = j // part of a clock time
				continue
			}
			if j < len(s) && s[j] == 'T' && j+1 < len(s) && isDigitByte(s[j+1]) && n >= 2 {
				// ISO 8601 with a time: the rest is the time.
				s = s[:j]
			}
			if n == 3 {
				return date{}, false
			}
			parts[n] = datePart{value: integer(s[i:j]), digits: j - i}
			n++
			i = j
		case c == '?' || (c == 'x' || c == 'X') && (i == 0 || !isLetterByte(s[i-1])):
			j := i
			for j < len(s) && s[j] == c {
				j++
			}
			if n == 3 {
				return date{}, false
			}
			parts[n] = datePart{digits: j - i, unknown: true}
			n++
			i = j
		case isLetterByte(c) || c >= 0x80:
			j := i
			for j < len(s) && (isLetterByte(s[j]) || s[j] >= 0x80) {
				j++
			}
			if m := monthNamed(s[i:j]); m != 0 {
				if month != 0 {
					return date{}, false
				}
				month, monthAt = m, n
			} else if !isDateWord(s[i:j]) {
				return date{}, false
			}
			i = j
		case strings.IndexByte(" -/.,_'", c) >= 0 || c == ':':
			i++
		default:
			return date{}, false
		}
	}
	if month != 0 {
		d, ok = namedMonth(parts[:n], month, monthAt, pivot)
	} else {
		d, ok = numbered(parts[:n], order, pivot)
	}
	return d, ok && d.valid()
}

type datePart struct {
	value, digits int
	unknown       bool
}

func (d date) valid() bool {
	if d.year == 0 || d.year < 1000 || d.year > 2200 {
		return false
	}
	if d.month < 0 || d.month > 12 || d.day < 0 || d.day > 31 {
		return false
	}
	if d.month == 0 {
		return true
	}
	return int(d.day) <= monthDays(int(d.year), int(d.month))
}

func monthDays(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// numbered reads a date without a month's name.
func numbered(p []datePart, order dateOrder, pivot int) (date, bool) {
	switch len(p) {
	case 1:
		switch {
		case p[0].unknown:
			return date{}, false
		case p[0].digits == 8: // 20060102, or 02012006
			v := p[0].value
			d := date{int16(v / 10000), int16(v / 100 % 100), int16(v % 100)}
			if d.year >= 1800 && d.valid() {
				return d, true
			}
			a, b := v/1000000, v/10000%100
			if order == monthFirst {
				a, b = b, a
			}
			return date{int16(v % 10000), int16(b), int16(a)}, true
		case p[0].digits == 6: // 200601
			if y := p[0].value / 100; y >= 1800 && y <= 2200 {
				return date{int16(y), int16(p[0].value % 100), 0}, true
			}
			return date{}, false
		case p[0].digits == 4:
			return date{year: int16(p[0].value)}, true
		}
		return date{}, false
	case 2: // 2006-01, 01/2006
		if p[0].digits == 4 && !p[0].unknown && p[1].digits <= 2 {
			return date{int16(p[0].value), int16(p[1].value), 0}, true
		}
		if p[1].digits == 4 && !p[1].unknown && p[0].digits <= 2 {
			return date{int16(p[1].value), int16(p[0].value), 0}, true
		}
		return date{}, false
	case 3:
		if p[0].digits == 4 {
			if p[1].digits > 2 || p[2].digits > 2 {
				return date{}, false
			}
			return date{int16(p[0].value), int16(p[1].value), int16(p[2].value)}, true
		}
		if p[0].digits > 2 || p[1].digits > 2 {
			return date{}, false
		}
		year := p[2].value
		switch {
		case p[2].digits == 2 && !p[2].unknown:
			year = century(year, pivot)
		case p[2].digits != 4:
			return date{}, false
		}
		day, month := p[0].value, p[1].value
		if order == monthFirst {
			day, month = month, day
		}
		if month > 12 && day <= 12 {
			// Impossible in the column's order, so it was written in the other one.
			day, month = month, day
		}
		return date{int16(year), int16(month), int16(day)}, true
	}
	return date{}, false
}

// namedMonth reads 2 Jan 2006, Jan 2 2006, Jan 2006, 2006 Jan 2, 2-Jan-06.
func namedMonth(p []datePart, month, at, pivot int) (date, bool) {
	d := date{month: int16(month)}
	switch len(p) {
	case 1:
		if p[0].digits != 4 {
			return date{}, false
		}
		d.year = int16(p[0].value)
		return d, true
	case 2:
		year, day := p[1], p[0]
		if p[0].digits == 4 && at <= 1 {
			year, day = p[0], p[1]
		}
		if day.digits > 2 {
			return date{}, false
		}
		d.day = int16(day.value)
		d.year = int16(year.value)
		switch {
		case year.digits == 2 && !year.unknown:
			d.year = int16(century(year.value, pivot))
		case year.digits != 4:
			return date{}, false
		}
		return d, true
	}
	return date{}, false
}

// century completes a two-digit year to the latest year not after pivot.
func century(year, pivot int) int {
	y := pivot - pivot%100 + year
	if y > pivot {
		y -= 100
	}
	return y
}

func integer(s string) int {
	if len(s) > 9 {
		return 0
	}
	v := 0
	for i := 0; i < len(s); i++ {
		v = v*10 + int(s[i]-'0')
	}
	return v
}

func isDigitByte(c byte) bool  { return '0' <= c && c <= '9' }
func isLetterByte(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// salvageDate takes the year from a damaged date: the one group of four digits, or
// the first four of eight, that can be a year.
func salvageDate(s string) (date, bool) {
	found := date{}
	for i := 0; i < len(s); {
		if !isDigitByte(s[i]) {
			i++
			continue
		}
		j := i
		for j < len(s) && isDigitByte(s[j]) {
			j++
		}
		if j-i == 4 || j-i == 8 {
			if y := integer(s[i : i+4]); y >= 1850 && y <= 2100 {
				if found.year != 0 {
					return date{}, false
				}
				found.year = int16(y)
			}
		}
		i = j
	}
	return found, found.year != 0
}

// monthNamed knows months in English, French, Spanish and Russian, whole or cut
// to the usual abbreviation.
func monthNamed(w string) int {
	folded := Fold(w)
	// "jui" begins two French months, so it names none.
	if len(folded) < 3 {
		return 0
	}
	for m, names := range months {
		for _, name := range names {
			if folded == name || len(folded) <= 4 && strings.HasPrefix(name, folded) && folded != "jui" {
				return m + 1
			}
		}
	}
	return 0
}

var months = [12][]string{
	{"january", "janvier", "enero", "yanvarya", "yanvar"},
	{"february", "fevrier", "febrero", "fevralya", "fevral"},
	{"march", "mars", "marzo", "marta", "mart"},
	{"april", "avril", "abril", "aprelya", "aprel"},
	{"may", "mai", "mayo", "maya"},
	{"june", "juin", "junio", "iyunya", "iyun"},
	{"july", "juillet", "julio", "iyulya", "iyul"},
	{"august", "aout", "agosto", "avgusta", "avgust"},
	{"september", "septembre", "septiembre", "setiembre", "sentyabrya", "sentyabr"},
	{"october", "octobre", "octubre", "oktyabrya", "oktyabr"},
	{"november", "novembre", "noviembre", "noyabrya", "noyabr"},
	{"december", "decembre", "diciembre", "dekabrya", "dekabr"},
}

// isDateWord knows the words that stand beside a date without being part of it.
func isDateWord(w string) bool {
	switch strings.ToLower(w) {
	case "t", "z", "am", "pm", "gmt", "utc", "of", "de", "st", "nd", "rd", "th", "the", "er", "le", "el", "c", "ca", "circa", "about", "approx", "г",
		"mon", "tue", "wed", "thu", "fri", "sat", "sun", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday":
		return true
	}
	return false
}

// dateSlip reports whether two whole dates differ as a slip of the pen would make
// them: day and month exchanged, one digit wrong, or two neighbouring digits exchanged.
func dateSlip(a, b date) bool {
	if a.year == b.year && a.day == b.month && a.month == b.day {
		return true
	}
	x, y := a.digits(), b.digits()
	wrong, at := 0, 0
	for i := range x {
		if x[i] != y[i] {
			if wrong == 0 {
				at = i
			}
			wrong++
		}
	}
	if wrong <= 1 {
		return true
	}
	return wrong == 2 && at+1 < len(x) && x[at] == y[at+1] && x[at+1] == y[at]
}

func (d date) digits() [8]byte {
	y, m, n := int(d.year), int(d.month), int(d.day)
	return [8]byte{byte(y / 1000), byte(y / 100 % 10), byte(y / 10 % 10), byte(y % 10), byte(m / 10), byte(m % 10), byte(n / 10), byte(n % 10)}
}
