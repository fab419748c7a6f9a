package admission

import (
	"errors"
	"net/http"
	"slices"

	"rostrum.example/internal/dialogue/application"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
)

// actions says which action of the house's policy a step into a state is for those who decide. Everything else is the
// secretariat's.
var actions = map[string]party.Action{
	application.NoObjection: party.ObjectToApplication,
	application.Objected:    party.ObjectToApplication,
	application.Referred:    party.DecideApplication,
	application.Admitted:    party.DecideApplication,
	application.Declined:    party.DecideApplication,
}

// through are the states that a step may pass on its way where the mechanism has no direct one.
var through = []string{application.CompletenessCheck, application.NoObjection, application.BadgeIssued}

// path gives the states to enter, one after the other, to come from one state to another; nil where there is no way.
func (room *Room) path(from, to string) []string {
	type way struct {
		at    string
		steps []string
	}
	seen := map[string]bool{from: true}
	for open := []way{{from, nil}}; len(open) > 0; open = open[1:] {
		for _, next := range room.state(open[0].at).Next {
			steps := append(slices.Clone(open[0].steps), next)
			if next == to {
				return steps
			}
			if slices.Contains(through, next) && !seen[next] {
				seen[next] = true
				open = append(open, way{next, steps})
			}
		}
	}
	return nil
}

// may tells in which quality the actor may make one step, or what keeps them from it.
//
// The mechanism says who moves an admission on from each state; the house's policy says who may do what. Both must allow
// it. Where the bureau moves, its chair may, who presides over it. Where an officer moves, the officer writes down what
// the body decided. Where the mechanism leaves a step to somebody without a role in this house, such as the applicant or
// a delegate to the Conference, an officer writes down what they did; so it is with a withdrawal. What grants, refers or
// refuses asks for a young sign-in, whoever writes it down.
func (room *Room) may(actor party.Actor, scope party.Scope, from, to string) (application.By, error) {
	s := room.state(from)
	switch {
	case actor.Anonymous():
		return "", party.Allow(actor, party.CheckApplication, scope)
	case from == application.Draft, to == application.Resubmitted, !slices.Contains(s.Next, to):
		return "", problem(http.StatusConflict, "admission.step.order")
	}
	action, decides := actions[to]
	fresh := action == party.DecideApplication
	if bureau := slices.Contains(s.MovedBy, party.Bureau); decides && bureau && (actor.Holds(party.Bureau, scope) || actor.Holds(party.Chair, scope)) {
		err := party.Allow(actor, action, scope)
		if err == nil || party.Stale(err) {
			return application.ByBureau, err
		}
	}
	if slices.Contains(s.MovedBy, party.Officer) || len(s.MovedBy) == 0 || to == application.Withdrawn {
		err := party.Allow(actor, party.CheckApplication, scope)
		if err == nil && fresh && !actor.Fresh {
			err = problem(http.StatusForbidden, "party.refused.stale")
		}
		if err == nil || party.Stale(err) {
			return application.ByOfficer, err
		}
	}
	return "", problem(http.StatusForbidden, "admission.step.role")
}

// mayWalk tells whether the actor may make every step of a way.
func (room *Room) mayWalk(actor party.Actor, scope party.Scope, from string, way []string) error {
	for _, to := range way {
		if _, err := room.may(actor, scope, from, to); err != nil {
			return err
		}
		from = to
	}
	return nil
}

// offered lists the states that the actor may bring an admission to from where it is, however old the sign-in.
func (room *Room) offered(actor party.Actor, scope party.Scope, from string) []string {
	actor.Fresh = true
	var all []string
	for _, to := range room.state(from).Next {
		if room.mayWalk(actor, scope, from, []string{to}) == nil {
			all = append(all, to)
		}
	}
	return all
}

// sight is what of applications somebody may see.
type sight int

const (
	// nothing: not even the table.
	nothing sight = iota
	// umbrellaSight is what the stakeholders' own body sees: organisations that may be listed among participants, and
	// what they want to speak about.
	umbrellaSight
	// bureauSight is what the deciding body sees: the organisations and their answers, and no persons.
	bureauSight
	// fullSight is the secretariat's: everything but what is sealed.
	fullSight
)

func see(actor party.Actor, scope party.Scope) (sight, error) {
	if err := party.Allow(actor, party.ReadApplication, scope); err != nil {
		return nothing, err
	}
	switch {
	case party.May(actor, party.CheckApplication, scope):
		return fullSight, nil
	case actor.Holds(party.Bureau, scope), actor.Holds(party.Chair, scope):
		return bureauSight, nil
	}
	return umbrellaSight, nil
}

// covers tells whether an application is seen at all.
func (s sight) covers(a *application.Application) bool {
	return s >= bureauSight || s == umbrellaSight && a.Listing != application.Secretariat
}

func problem(status int, key string, pairs ...any) *page.Problem {
	return &page.Problem{Status: status, Key: key, Pairs: pairs}
}

// found turns what is not there into the page that says so.
func found(err error) error {
	if errors.Is(err, ErrNotFound) || errors.Is(err, application.ErrNotFound) {
		return page.NotFound()
	}
	return err
}

func invalid(field, key string, pairs ...any) page.Invalids {
	return page.Invalids{page.Invalid{Field: field, Key: key, Pairs: pairs}}
}
