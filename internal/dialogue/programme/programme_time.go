package programme

import (
	"errors"
	"fmt"
	"time"
)

// errNoSuchTime: the clocks go forward over this local time.
var errNoSuchTime = errors.New("this local time does not exist on that day")

// instant is a local time of a day as an instant. Where the clocks go back and a local time comes twice, it is the
// first.
func instant(date, clock string, zone *time.Location) (time.Time, error) {
	t, err := time.ParseInLocation("2006-01-02 15:04", date+" "+clock, zone)
	if err != nil {
		return time.Time{}, fmt.Errorf("reading a time of the programme: %w", err)
	}
	if t.Format("2006-01-02 15:04") != date+" "+clock {
		return time.Time{}, errNoSuchTime
	}
	// time.Parse does not say which of two it takes.
	if start, _ := t.ZoneBounds(); !start.IsZero() {
		_, now := t.Zone()
		_, before := start.Add(-time.Second).Zone()
		if earlier := t.Add(-time.Duration(before-now) * time.Second); before > now && earlier.Before(start) {
			return earlier, nil
		}
	}
	return t, nil
}

// times are the instants of a sitting.
func (s *Sitting) times(date string, zone *time.Location) (start, end time.Time, err error) {
	if start, err = instant(date, s.Start, zone); err != nil {
		return start, end, err
	}
	end, err = instant(date, s.End, zone)
	return start, end, err
}

// minutes adds up what is planned in a sitting.
func (s *Sitting) minutes() int {
	n := 0
	for _, it := range s.Items {
		n += it.Minutes
	}
	return n
}

// length is how many minutes a sitting lasts by the clock on the wall.
func (s *Sitting) length() int {
	a, err1 := time.Parse("15:04", s.Start)
	b, err2 := time.Parse("15:04", s.End)
	if err1 != nil || err2 != nil {
		return 0
	}
	return int(b.Sub(a) / time.Minute)
}

// at finds the sitting that is held at an instant, or is the next to be.
func (p *Programme) at(now time.Time, zone *time.Location) ID {
	for i := range p.Days {
		for j := range p.Days[i].Sittings {
			s := &p.Days[i].Sittings[j]
			if _, end, err := s.times(p.Days[i].Date, zone); err == nil && now.Before(end) {
				return s.ID
			}
		}
	}
	return ""
}
