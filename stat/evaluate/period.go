package evaluate

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// calendar is how a column writes its periods.
type calendar string

const (
	numbers  calendar = "number"
	years    calendar = "year"
	quarters calendar = "quarter"
	months   calendar = "month"
	weeks    calendar = "week"
	days     calendar = "day"
)

// periods are the periods of the rows of a frame, as whole numbers one apart.
type periods struct {
	calendar calendar
	index    []int // by row
	step     int   // how far apart two periods are: 3 where months come in quarters
	first    int   // index of the earliest
	last     int
	value    func(index int) float64 // what a formula calls the period
	label    func(index int) string
}

// season is the number of periods in a year, or in what stands for one; 0
// where a year has none.
func (p *periods) season() float64 {
	switch p.calendar {
	case months:
		return 12 / float64(p.step)
	case quarters:
		return 4 / float64(p.step)
	case weeks:
		return 365.25 / 7 / float64(p.step)
	case days:
		return 365.25 / float64(p.step)
	case years:
		return 0
	}
	return 12 // plain numbers are taken for months, and the report says so
}

// form is one way to write a date.
type form struct {
	layout   string
	calendar calendar
}

var forms = []form{
	{"2006-01-02", days}, {"2006-01", months}, {"2006/01/02", days}, {"2006/01", months}, {"2.1.2006", days},
	{"2/1/2006", days}, {"1/2/2006", days}, {"1/2006", months}, {"2-1-2006", days}, {"1-2-2006", days},
	{"2006-01-02 15:04:05", days}, {"2006-01-02 15:04", days}, {"2006-01-02T15:04:05Z07:00", days}, {"2006-01-02T15:04:05", days},
	{"Mon, 01/02/2006 - 15:04", days}, {"2 Jan 2006", days}, {"2 January 2006", days}, {"Jan 2, 2006", days}, {"January 2, 2006", days},
	{"Jan 2006", months}, {"January 2006", months}, {"2006 Jan", months}, {"Jan-2006", months}, {"Jan-06", months}, {"02-Jan-2006", days}, {"02-Jan-06", days},
}

var (
	quarterForm = regexp.MustCompile(`^(\d{4})[ -]?[qQ]([1-4])$`)
	quarterTurn = regexp.MustCompile(`^[qQ]([1-4])[ -]?(\d{4})$`)
	monthForm   = regexp.MustCompile(`^(\d{4})[mM](\d{1,2})$`)
	fourDigits  = regexp.MustCompile(`\d{4}`)
	weekForm    = regexp.MustCompile(`^(\d{4})-?[wW](\d{1,2})$`)
)

var epoch = time.Date(1970, 1, 5, 0, 0, 0, 0, time.UTC) // a Monday

// number gives the index of a day in a calendar.
func (c calendar) number(t time.Time) int {
	switch c {
	case years:
		return t.Year()
	case quarters:
		return t.Year()*4 + (int(t.Month())-1)/3
	case months:
		return t.Year()*12 + int(t.Month()) - 1
	}
	n := int(math.Floor(t.Sub(epoch).Hours() / 24))
	if c == weeks {
		return floorDiv(n, 7)
	}
	return n
}

func floorDiv(a, b int) int { return int(math.Floor(float64(a) / float64(b))) }

func (c calendar) label(i int) string {
	switch c {
	case years:
		return strconv.Itoa(i)
	case quarters:
		return fmt.Sprintf("%d Q%d", floorDiv(i, 4), i-4*floorDiv(i, 4)+1)
	case months:
		return fmt.Sprintf("%d-%02d", floorDiv(i, 12), i-12*floorDiv(i, 12)+1)
	case weeks:
		return epoch.AddDate(0, 0, 7*i).Format("2006-01-02")
	case days:
		return epoch.AddDate(0, 0, i).Format("2006-01-02")
	}
	return strconv.Itoa(i)
}

// readPeriods reads the periods of a column. Every row must have one.
func (f *Frame) readPeriods(name string) (*periods, error) {
	cells := f.text(name)
	for i, c := range cells {
		if missing(c) {
			return nil, &InputError{Row: f.rows[i], Column: name, Problem: "the period is missing", Advice: "give each row its period"}
		}
	}
	p, err := f.numericPeriods(name, cells)
	if p == nil && err == nil {
		p, err = f.datedPeriods(name, cells)
	}
	if err != nil {
		return nil, err
	}
	p.settle()
	return p, nil
}

// settle finds the distance of two periods and counts in it.
func (p *periods) settle() {
	distinct := slices.Clone(p.index)
	slices.Sort(distinct)
	distinct = slices.Compact(distinct)
	step := 0
	for i := 1; i < len(distinct); i++ {
		step = gcd(step, distinct[i]-distinct[i-1])
	}
	p.step = max(step, 1)
	base := distinct[0]
	for i := range p.index {
		p.index[i] = (p.index[i] - base) / p.step
	}
	p.first, p.last = 0, (distinct[len(distinct)-1]-base)/p.step
	label, step := p.label, p.step
	p.label = func(i int) string { return label(base + i*step) }
	if p.value == nil {
		p.value = func(i int) float64 { return float64(base + i*step) }
	}
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// numericPeriods reads whole numbers: years, numbers of periods, 202401 or
// 20240131. It gives nil where the column is not of numbers.
func (f *Frame) numericPeriods(name string, cells []string) (*periods, error) {
	p := &periods{calendar: numbers, index: make([]int, len(cells))}
	low, high := math.MaxInt, math.MinInt
	for i, c := range cells {
		v, ok := f.parse(c, false)
		if !ok {
			if i == 0 {
				return nil, nil
			}
			return nil, f.mixed(name, i, 0)
		}
		if v != math.Trunc(v) || math.Abs(v) > 1e9 {
			return nil, &InputError{Row: f.rows[i], Column: name, Problem: quoted(c) + " is not a whole number", Advice: "number the periods 1, 2, 3 … or write dates as 2024-01-31"}
		}
		p.index[i] = int(v)
		low, high = min(low, int(v)), max(high, int(v))
	}
	compact := func(layout string, c calendar) bool {
		index := make([]int, len(cells))
		for i, v := range p.index {
			t, err := time.Parse(layout, strconv.Itoa(v))
			if err != nil {
				return false
			}
			index[i] = c.number(t)
		}
		p.index, p.calendar = index, c
		return true
	}
	switch {
	case low >= 1500 && high <= 2200:
		p.calendar = years
	case low >= 150001 && high <= 220012:
		compact("200601", months)
	case low >= 15000101 && high <= 22001231:
		if compact("20060102", days) {
			p.coarsen()
		}
	}
	p.label = p.calendar.label
	return p, nil
}

// mixed is the error for a cell that is written in another way than the ones
// before it.
func (f *Frame) mixed(name string, i, first int) error {
	cells := f.text(name)
	return &InputError{
		Row: f.rows[i], Column: name, Problem: fmt.Sprintf("%s is not written as %s in row %d is", quoted(cells[i]), quoted(cells[first]), f.rows[first]),
		Advice: "write all periods in one way, dates best as 2024-01-31",
	}
}

// datedPeriods reads dates, all written in one way.
func (f *Frame) datedPeriods(name string, cells []string) (*periods, error) {
	p := &periods{index: make([]int, len(cells))}
	if done, err := f.patterned(name, cells, p); done || err != nil {
		return p, err
	}
	var fits []form
	furthest := 0
	var dates [][]time.Time
	for _, candidate := range forms {
		list := make([]time.Time, 0, len(cells))
		for _, c := range cells {
			t, err := time.Parse(candidate.layout, c)
			if err != nil || t.Year() < 1500 || t.Year() > 2200 {
				break
			}
			list = append(list, t)
		}
		furthest = max(furthest, len(list))
		if len(list) == len(cells) {
			fits, dates = append(fits, candidate), append(dates, list)
		}
	}
	switch {
	case len(fits) == 0 && furthest == 0:
		return nil, &InputError{Row: f.rows[0], Column: name, Problem: quoted(cells[0]) + " is neither a number nor a date", Advice: "number the periods 1, 2, 3 … or write dates as 2024-01-31, months as 2024-01, quarters as 2024Q1"}
	case len(fits) == 0:
		return nil, f.mixed(name, furthest, 0)
	case len(fits) > 1 && !slices.Equal(dates[0], dates[1]):
		i := 0
		for dates[0][i].Equal(dates[1][i]) {
			i++
		}
		return nil, &InputError{
			Row: f.rows[i], Column: name,
			Problem: fmt.Sprintf("%s may be %s or %s, and no other row decides it", quoted(cells[i]), dates[0][i].Format("2 January 2006"), dates[1][i].Format("2 January 2006")),
			Advice:  "write dates as 2024-01-31",
		}
	}
	p.calendar = fits[0].calendar
	for i, t := range dates[0] {
		p.index[i] = p.calendar.number(t)
	}
	if p.calendar == days {
		p.coarsen()
	}
	p.label = p.calendar.label
	return p, nil
}

// patterned reads quarters, months and weeks that have letters between their
// digits.
func (f *Frame) patterned(name string, cells []string, p *periods) (bool, error) {
	read := func(c string) (calendar, int, bool) {
		part := func(m []string, year, within, most int) (int, int, bool) {
			y, _ := strconv.Atoi(m[year])
			n, _ := strconv.Atoi(m[within])
			return y, n, n >= 1 && n <= most
		}
		if m := quarterForm.FindStringSubmatch(c); m != nil {
			y, n, ok := part(m, 1, 2, 4)
			return quarters, 4*y + n - 1, ok
		}
		if m := quarterTurn.FindStringSubmatch(c); m != nil {
			y, n, ok := part(m, 2, 1, 4)
			return quarters, 4*y + n - 1, ok
		}
		if m := monthForm.FindStringSubmatch(c); m != nil {
			y, n, ok := part(m, 1, 2, 12)
			return months, 12*y + n - 1, ok
		}
		if m := weekForm.FindStringSubmatch(c); m != nil {
			y, n, ok := part(m, 1, 2, 53)
			// 4 January is in the first week of its year (ISO 8601).
			return weeks, weeks.number(time.Date(y, 1, 4, 0, 0, 0, 0, time.UTC)) + n - 1, ok
		}
		return "", 0, false
	}
	for i, c := range cells {
		kind, n, ok := read(c)
		if i == 0 {
			if !ok {
				return false, nil
			}
			p.calendar = kind
		}
		if !ok || kind != p.calendar {
			return false, f.mixed(name, i, 0)
		}
		p.index[i] = n
	}
	p.label = p.calendar.label
	return true, nil
}

// coarsen turns days into months where all are the first or the last of a
// month, and into weeks where all are the same day of the week.
func (p *periods) coarsen() {
	firsts, lasts, weekly := true, true, true
	many := false
	for _, n := range p.index {
		t := epoch.AddDate(0, 0, n)
		firsts = firsts && t.Day() == 1
		lasts = lasts && t.AddDate(0, 0, 1).Day() == 1
		weekly = weekly && (n-p.index[0])%7 == 0
		many = many || n != p.index[0]
	}
	to := days
	switch {
	case !many:
		return
	case firsts || lasts:
		to = months
	case weekly:
		to = weeks
	}
	for i, n := range p.index {
		p.index[i] = to.number(epoch.AddDate(0, 0, n))
	}
	p.calendar = to
}

// guessTime names the column of the periods: the first of those that commonly
// bear it. In a series, where each period stands once, month, quarter, week and
// day are passed over where they only count within a year. It is empty where
// there is none.
func (f *Frame) guessTime(series bool) string {
	for _, common := range []string{"date", "month", "quarter", "week", "day", "time", "period", "t", "year"} {
		for i, name := range f.names {
			if !strings.EqualFold(name, common) {
				continue
			}
			within := common == "month" || common == "quarter" || common == "week" || common == "day"
			if within && (!series || repeats(f.cells[i]) && !fourDigits.MatchString(f.cells[i][0])) {
				continue
			}
			return name
		}
	}
	return ""
}

func repeats(cells []string) bool {
	seen := make(map[string]bool, len(cells))
	for _, c := range cells {
		if seen[c] {
			return true
		}
		seen[c] = true
	}
	return false
}
