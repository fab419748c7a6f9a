package mechanism

import (
	"regexp"
	"strconv"
	"time"
)

// Period is a length of calendar time: a duration of ISO 8601 in years,
// months, weeks and days, such as P14D, P6M or P1Y6M. It has no hours, since
// no clock of a review is that fine.
type Period string

var periodForm = regexp.MustCompile(`^P(?:(\d{1,3})Y)?(?:(\d{1,3})M)?(?:(\d{1,3})W)?(?:(\d{1,3})D)?$`)

// valid reports whether p has the form of a period and some length.
func (p Period) valid() bool {
	months, days := p.parts()
	return periodForm.MatchString(string(p)) && months+days > 0
}

func (p Period) parts() (months, days int) {
	m := periodForm.FindStringSubmatch(string(p))
	if m == nil {
		return 0, 0
	}
	n := func(i int) int {
		v, err := strconv.Atoi(m[i])
		if err != nil {
			return 0 // the part is not written
		}
		return v
	}
	return 12*n(1) + n(2), 7*n(3) + n(4)
}

// After gives the instant one period after t, in the time zone of t. Months
// are added first and keep to the end of a short month: six months after
// 31 August is the last day of February.
func (p Period) After(t time.Time) time.Time {
	months, days := p.parts()
	first := time.Date(t.Year(), t.Month()+time.Month(months), 1, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), t.Location())
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(t.Day(), last)-1+days)
}
