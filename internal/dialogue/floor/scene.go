package floor

import (
	"slices"
	"time"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/page"
	"rostrum.example/internal/store"
)

// scene is a floor with everything that is needed to show it or to act on it.
type scene struct {
	*Floor
	held   Held
	people map[ParticipantID]Participant
	sorted []Participant // by label
	items  []Item
}

// Placed is a request with its place.
type Placed struct {
	Request
	Place
	Participant Participant
	// Wait is after how many seconds their turn comes, if everybody before takes what they have.
	Wait int
}

// readScene reads everything in tx.
func (room *Room) readScene(tx *store.Tx, id dialogue.ID, lock bool) (*scene, counters, error) {
	held, err := room.o.Dialogue(tx, id)
	if err != nil {
		return nil, counters{}, err
	}
	s := &scene{held: held, people: map[ParticipantID]Participant{}}
	var c counters
	if s.Floor, c, err = readFloor(tx, room.o.Org, id, lock); err != nil {
		return nil, c, err
	}
	if s.sorted, err = room.o.Participants(tx, id); err != nil {
		return nil, c, err
	}
	for _, p := range s.sorted {
		s.people[p.ID] = p
	}
	// Whoever has left the dialogue waits no more.
	s.Requests = slices.DeleteFunc(s.Requests, func(r Request) bool { _, ok := s.people[r.Participant]; return !ok })
	s.items, err = room.o.Items(tx, id)
	return s, c, err
}

// item finds an item of the programme; one that the programme no longer has is known by its id alone.
func (s *scene) item(id ItemID) (Item, bool) {
	if i := slices.IndexFunc(s.items, func(it Item) bool { return it.ID == id }); i >= 0 {
		return s.items[i], true
	}
	return Item{ID: id}, false
}

// request finds a request that waits.
func (s *scene) request(n int) (*Request, error) {
	for i := range s.Requests {
		if s.Requests[i].N == n {
			return &s.Requests[i], nil
		}
	}
	return nil, &page.Problem{Status: 409, Key: "floor.problem.gone"}
}

// turns are what was said so far, as the rule sees it. A turn that lasts counts as if it took all its time, so that
// the order does not move while the clock runs.
func (s *scene) turns(item ItemID, now time.Time) []Turn {
	var all []Turn
	for i := range s.Speeches {
		sp := &s.Speeches[i]
		seconds := sp.Seconds(now)
		if sp.Lasts() {
			seconds = max(seconds, sp.Allotted)
		}
		all = append(all, Turn{N: sp.Request, Speaker: sp.Speaker, Type: sp.Type, Kind: sp.Kind, Mode: sp.Mode, Seconds: seconds, Here: sp.Item == item})
	}
	return all
}

// order gives everybody who waits under an item their place.
func (s *scene) order(item ItemID, now time.Time) []Placed {
	settings := s.List(item).Settings
	var waiting []Waiting
	byN := map[int]Request{}
	for _, r := range s.Requests {
		if r.Item != item {
			continue
		}
		p := s.people[r.Participant]
		byN[r.N] = r
		waiting = append(waiting, Waiting{
			N: r.N, Speaker: p.Speaker(), Type: p.shownType(), Kind: r.Kind, Mode: r.Mode,
			New: p.New && p.Naming != Withheld, Moved: r.Moved, Held: r.Held, Granted: r.Granted,
		})
	}
	left := 0
	if sp := s.Speaking(); sp != nil {
		left = max(0, sp.Allotted-sp.Seconds(now))
	}
	var all []Placed
	wait := 0
	for _, place := range (Rule{settings.Statement, settings.Pass, settings.Run}).Order(waiting, s.turns(item, now)) {
		r := byN[place.N]
		if r.Kind != PointOfOrder { // which waits for nobody but others of its kind
			wait, left = wait+left, 0
		}
		all = append(all, Placed{r, place, s.people[r.Participant], wait})
		wait += settings.Of(r.Kind)
	}
	return all
}

// begun counts the ordinary turns under an item, as the rule does.
func (s *scene) begun(item ItemID) int {
	n := 0
	for _, sp := range s.Speeches {
		if sp.Item == item && sp.Kind == Statement {
			n++
		}
	}
	return n
}
