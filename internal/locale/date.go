package locale

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Date is a calendar day, or only its month where the day is not known (Day 0), or only its year.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// ParseDate reads "2022-07-01", "2024-07" or "2024".
func ParseDate(s string) (Date, error) {
	for _, layout := range []string{"2006-01-02", "2006-01", "2006"} {
		if t, err := time.Parse(layout, s); err == nil {
			d := Date{Year: t.Year()}
			if len(layout) > 4 {
				d.Month = t.Month()
			}
			if len(layout) > 7 {
				d.Day = t.Day()
			}
			return d, nil
		}
	}
	return Date{}, fmt.Errorf("%q is not a date; write 2022-07-01, or 2024-07 where only the month is known", s)
}

// DateOf is the calendar day of an instant in its zone.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// String gives the ISO 8601 form, as far as the date is known.
func (d Date) String() string {
	switch {
	case d.Day > 0:
		return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
	case d.Month > 0:
		return fmt.Sprintf("%04d-%02d", d.Year, d.Month)
	}
	return fmt.Sprintf("%04d", d.Year)
}

// Date writes a date in full: 1 July 2022, 1er juillet 2022, 1 تموز/يوليه 2022.
func (c *Catalogues) Date(l Lang, d Date) string {
	year := strconv.Itoa(d.Year)
	if d.Month == 0 {
		return year
	}
	month := c.Text(l, "locale.month."+strconv.Itoa(int(d.Month)))
	if d.Day == 0 {
		return month + " " + year
	}
	day := strconv.Itoa(d.Day)
	if d.Day == 1 {
		day = c.Text(l, "locale.first")
	}
	return strings.Join([]string{day, month, year}, " ")
}

// Instant writes an instant in full with its zone: 23 November 2026, 15:20 (UTC).
func (c *Catalogues) Instant(l Lang, t time.Time) string {
	zone, _ := t.Zone()
	return c.Text(l, "locale.instant", "Date", c.Date(l, DateOf(t)), "Time", t.Format("15:04"), "Zone", zone)
}
