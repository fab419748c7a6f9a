package party

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"rostrum.example/internal/page"
)

// TestPolicy goes through the policy row by row: what stands here is allowed, and nothing else.
func TestPolicy(t *testing.T) {
	rows := []struct {
		action Action
		fresh  bool
		roles  string
	}{
		{"instance.configure", true, "officer administrator"},
		{"job.see", false, "officer administrator"},
		{"backup.make", true, "administrator"},
		{"outbox.read", false, "officer"},
		{"person.see", false, "officer administrator"},
		{"person.invite", true, "officer"},
		{"role.grant", true, "officer"},
		{"role.end", true, "officer"},
		{"role.history", false, "officer"},
		{"organisation.see", false, "officer coordinator"},
		{"organisation.add", false, "officer"},
		{"organisation.correct", false, "officer contact"},
		{"record.import", true, "officer editor"},
		{"record.edit", false, "officer editor"},
		{"call.open", false, "officer"},
		{"application.submit", false, "contact"},
		{"application.read", false, "officer coordinator chair bureau"},
		{"application.check", false, "officer"},
		{"application.object", false, "bureau"},
		{"application.decide", true, "chair bureau"},
		{"programme.edit", false, "officer coordinator chair"},
		{"summary.edit", false, "officer chair"},
		{"summary.publish", true, "chair"},
		{"point.answer", false, "focal"},
		{"point.view", false, "contact"},
	}
	if len(rows) != len(policy) {
		t.Errorf("the policy has %d rows, this test knows %d", len(policy), len(rows))
	}
	for _, row := range rows {
		allowed := strings.Fields(row.roles)
		for _, role := range Roles() {
			kind := role.Scopes()[0]
			scope := Scope{Kind: kind, ID: "x"}
			if kind == InInstance {
				scope.ID = ""
			}
			want := slices.Contains(allowed, string(role))
			actor := Actor{Person: "p", Roles: []Held{{Role: role, Scope: scope}}}
			t.Run(fmt.Sprintf("%s/%s", row.action, role), func(t *testing.T) {
				actor.Fresh = true
				if got := Allow(actor, row.action, scope) == nil; got != want {
					t.Errorf("a fresh %s is allowed: %v, want %v", role, got, want)
				}
				if got := May(actor, row.action, scope); got != want {
					t.Errorf("May = %v, want %v", got, want)
				}
				actor.Fresh = false
				err := Allow(actor, row.action, scope)
				if got := err == nil; got != (want && !row.fresh) {
					t.Errorf("after a while a %s is allowed: %v, want %v", role, got, want && !row.fresh)
				}
				if Stale(err) != (want && row.fresh) {
					t.Errorf("the refusal asks for a younger sign-in: %v, want %v", Stale(err), want && row.fresh)
				}
			})
		}
	}
}

func TestRefusals(t *testing.T) {
	officer := Actor{Person: "p", Fresh: true, Roles: []Held{{Role: Officer, Scope: WholeInstance()}}}
	for _, test := range []struct {
		name   string
		actor  Actor
		action Action
		key    string
	}{
		{"an anonymous reader", Actor{}, SeePersons, "party.refused.anonymous"},
		{"an anonymous reader who claims a role", Actor{Roles: officer.Roles, Fresh: true}, SeePersons, "party.refused.anonymous"},
		{"a person without a role", Actor{Person: "p", Fresh: true}, SeePersons, "party.refused.role"},
		{"an action that does not exist", officer, "person.deport", "party.refused.role"},
		{"an old sign-in", Actor{Person: "p", Roles: officer.Roles}, GrantRole, "party.refused.stale"},
	} {
		err := Allow(test.actor, test.action, WholeInstance())
		var p *page.Problem
		if !errors.As(err, &p) || p.Status != 403 || p.Key != test.key {
			t.Errorf("%s gets %v, want %s", test.name, err, test.key)
		}
	}
	if Stale(fmt.Errorf("granting: %w", Allow(Actor{Person: "p", Roles: officer.Roles}, GrantRole, WholeInstance()))) == false {
		t.Error("a wrapped refusal is not known as stale")
	}
}

func TestCovers(t *testing.T) {
	for _, test := range []struct {
		held, asked Scope
		want        bool
	}{
		{WholeInstance(), WholeInstance(), true},
		{WholeInstance(), OfBody("som"), true},
		{WholeInstance(), OfDialogue("som-2022", "som"), true},
		{WholeInstance(), OfOrganisation("o"), true},
		{OfBody("som"), WholeInstance(), false},
		{OfBody("som"), OfBody("som"), true},
		{OfBody("som"), OfBody("tip"), false},
		{OfBody("som"), OfDialogue("som-2022", "som"), true},
		{OfBody("som"), OfDialogue("tip-2022", "tip"), false},
		{OfBody("som"), OfDialogue("som", ""), false},
		{OfDialogue("som-2022", "som"), OfDialogue("som-2022", "som"), true},
		{OfDialogue("som-2022", "som"), OfDialogue("som-2023", "som"), false},
		{OfDialogue("som-2022", "som"), OfBody("som"), false},
		{OfOrganisation("o"), OfOrganisation("o"), true},
		{OfOrganisation("o"), OfOrganisation("p"), false},
		{OfOrganisation("o"), OfState("o"), false},
		{OfState("AT"), OfState("AT"), true},
		{OfState("AT"), OfState("IT"), false},
		{OfState(""), OfState(""), false},
		{OfBody(""), OfDialogue("d", ""), false},
		{Scope{}, Scope{}, false},
	} {
		if got := test.held.covers(test.asked); got != test.want {
			t.Errorf("%v covers %v: %v, want %v", test.held, test.asked, got, test.want)
		}
	}
}

// TestNoRoleForEnforcement: the roles are these and no other, a preset cannot add one, and a State's role reaches
// nothing but the answers to the points put to that State.
func TestNoRoleForEnforcement(t *testing.T) {
	want := []Role{"officer", "coordinator", "chair", "bureau", "focal", "contact", "editor", "administrator"}
	if !slices.Equal(Roles(), want) || len(roleScopes) != len(want) {
		t.Errorf("the roles are %v, want %v", Roles(), want)
	}
	for _, rule := range policy {
		for _, role := range rule.roles {
			if !role.Known() {
				t.Errorf("%s is open to %q, which is no role", rule.action, role)
			}
		}
	}
	for _, name := range []Role{"enforcement", "police", "border-guard", "prosecutor", ""} {
		preset := samplePreset()
		preset.Roles = append(preset.Roles, name)
		if _, err := New(Options{Preset: preset}); err == nil {
			t.Errorf("a preset could add the role %q", name)
		}
	}
	state := Actor{Person: "p", Fresh: true, Roles: []Held{{Role: FocalPoint, Scope: OfState("AT")}}}
	for _, rule := range policy {
		for _, scope := range []Scope{WholeInstance(), OfBody("som"), OfDialogue("som-2022", "som"), OfOrganisation("o"), OfState("IT")} {
			if May(state, rule.action, scope) {
				t.Errorf("a focal point of one State may %s in %v", rule.action, scope)
			}
		}
	}
}

func TestPresetNeedsAnOfficer(t *testing.T) {
	if _, err := New(Options{Preset: Preset{Roles: []Role{Chair}}}); err == nil {
		t.Error("a directory without officers opens")
	}
}
