package text

import (
	"time"

	"rostrum.example/internal/locale"
)

// RoundID names a round of comments.
type RoundID string

// Round asks people for comments on a version until a day.
type Round struct {
	ID      RoundID `json:"id"`
	Version int     `json:"version"`
	// Closes is the last day, in Zone (IANA), on which one may comment.
	Closes locale.Date `json:"-"`
	Zone   string      `json:"zone"`
	Opened time.Time   `json:"opened"`
	// Ended is when it was ended before its day; zero while it was not.
	Ended time.Time `json:"ended,omitzero"`
}

// Deadline is the first instant at which it is too late: midnight at the end of the last day, or when the round was ended.
func (r *Round) Deadline() (time.Time, error) {
	zone, err := time.LoadLocation(r.Zone)
	if err != nil {
		return time.Time{}, err
	}
	end := time.Date(r.Closes.Year, r.Closes.Month, r.Closes.Day+1, 0, 0, 0, 0, zone)
	if locale.DateOf(end) == r.Closes {
		// The clocks are put ahead at midnight, so there is none: the next day begins when they are.
		_, end = end.ZoneBounds()
	}
	if !r.Ended.IsZero() && r.Ended.Before(end) {
		end = r.Ended
	}
	return end, nil
}

// Invitation asks one person or body to comment in a round. How they are reached and let in is the room's business.
type Invitation struct {
	ID    string  `json:"id"`
	Round RoundID `json:"round"`
	Who   Author  `json:"who"`
	// Ref is what the room calls them: a participant, an application.
	Ref     string    `json:"ref,omitempty"`
	Invited time.Time `json:"invited"`
	// Answered is when they last commented, suggested something, or said that they have nothing to add.
	Answered time.Time `json:"answered,omitzero"`
}
