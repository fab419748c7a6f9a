package spreadsheet

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// numberFormat says how a number is shown, as far as it tells days and zeros from numbers.
type numberFormat struct {
	date, time bool
	zeros      int // digits that are always shown, where the format is zeros alone
}

// builtIn gives the number formats that have no text of their own (ECMA-376, part 1, 18.8.30), among them those of
// East Asian languages.
func builtIn(id int) numberFormat {
	switch {
	case id >= 14 && id <= 17, id >= 27 && id <= 31, id == 36, id >= 50 && id <= 54, id == 57, id == 58:
		return numberFormat{date: true}
	case id >= 18 && id <= 21, id >= 32 && id <= 35, id == 45, id == 47, id == 55, id == 56:
		return numberFormat{time: true}
	case id == 22:
		return numberFormat{date: true, time: true}
	}
	return numberFormat{}
}

// parseFormat reads the text of a number format (18.8.31), of which the first section counts.
func parseFormat(code string) numberFormat {
	var f numberFormat
	var months bool
	onlyZeros := code != ""
	for i := 0; i < len(code); i++ {
		c := code[i]
		if c != '0' {
			onlyZeros = false
		}
		switch c {
		case ';':
			i = len(code)
		case '"':
			if n := strings.IndexByte(code[i+1:], '"'); n >= 0 {
				i += n + 1
			}
		case '\\', '_', '*':
			i++
		case '[':
			n := strings.IndexByte(code[i:], ']')
			if n < 0 {
				break
			}
			if inner := strings.ToLower(code[i+1 : i+n]); inner != "" && strings.Trim(inner, inner[:1]) == "" && strings.Contains("hms", inner[:1]) {
				return numberFormat{} // elapsed time
			}
			i += n
		case 'y', 'Y', 'd', 'D':
			f.date = true
		case 'm', 'M':
			months = true
		case 'h', 'H', 's', 'S':
			f.time = true
		}
	}
	if months && !f.time { // m beside hours or seconds is minutes
		f.date = true
	}
	if onlyZeros {
		f.zeros = len(code)
	}
	return f
}

// lastSerial is 9999-12-31 in the system of 1900.
const lastSerial = 2_958_465

// isoDate gives the day or time of a number as its format shows it.
func isoDate(serial float64, f numberFormat, since1904 bool) (string, bool) {
	day := math.Floor(serial)
	seconds := int(math.Round((serial - day) * 86_400))
	if seconds == 86_400 {
		day, seconds = day+1, 0
	}
	clock := time.Unix(int64(seconds), 0).UTC().Format("15:04:05")
	if f.time && !f.date && day == 0 {
		return clock, serial >= 0
	}
	last := float64(lastSerial)
	start := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case since1904:
		start = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
		last -= 1462
	case day == 60, day == 0: // 29 February 1900, and 0 January
		return "", false
	case day < 60:
		start = start.AddDate(0, 0, 1)
	}
	if !(day >= 0 && day <= last) {
		return "", false
	}
	iso := start.AddDate(0, 0, int(day)).Format(time.DateOnly)
	if f.time {
		iso += "T" + clock
	}
	return iso, true
}

// serialOf gives the number of a day or time in the system of 1900, as isoDate reads it.
func serialOf(iso string) (serial float64, f numberFormat, ok bool) {
	for layout, f := range map[string]numberFormat{
		time.DateOnly: {date: true}, "2006-01-02T15:04:05": {date: true, time: true}, time.TimeOnly: {time: true},
	} {
		t, err := time.Parse(layout, iso)
		if err != nil || t.Format(layout) != iso {
			continue
		}
		clock := float64(t.Hour()*3600+t.Minute()*60+t.Second()) / 86_400
		if !f.date {
			return clock, f, true
		}
		days := float64(time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC).Unix()/86_400 + 25_569)
		if days < 61 {
			days--
		}
		return days + clock, f, days >= 1
	}
	return 0, numberFormat{}, false
}

// decimal writes a number as it is kept: 15 significant digits, no exponent.
func decimal(v float64, zeros int) string {
	if rounded, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 15, 64), 64); err == nil {
		v = rounded
	}
	if v == 0 {
		v = 0 // no minus
	}
	s := strconv.FormatFloat(v, 'f', -1, 64)
	if zeros > 0 && v >= 0 && v == math.Trunc(v) {
		s = strings.Repeat("0", max(0, min(zeros, 255)-len(s))) + s
	}
	return s
}

// isISODate tells whether a text is a day or a time as Cell writes them.
func isISODate(s string) bool {
	if len(s) < 8 || len(s) > 19 || s[2] != ':' && s[4] != '-' {
		return false
	}
	_, _, ok := serialOf(s)
	return ok
}
