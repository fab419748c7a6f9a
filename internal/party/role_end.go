package party

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"rostrum.example/internal/page"
	"rostrum.example/internal/store"
)

// EndRole takes a role from a person. The last officer keeps theirs: nobody could let others in.
func (d *Directory) EndRole(ctx context.Context, actor Actor, id RoleID) error {
	now := d.o.Clock()
	err := d.o.DB.Write(ctx, func(tx *store.Tx) error {
		person, held, err := d.role(tx, id)
		if err != nil {
			return err
		}
		if err := Allow(actor, EndRole, held.Scope); err != nil {
			return err
		}
		return d.end(tx, actor, person, held, now)
	})
	if err != nil {
		return fmt.Errorf("ending a role: %w", err)
	}
	return nil
}

// ChangeRole ends a role and grants another in its place, both or neither.
func (d *Directory) ChangeRole(ctx context.Context, actor Actor, id RoleID, role Role, scope Scope) error {
	if err := Allow(actor, GrantRole, scope); err != nil {
		return err
	}
	if err := d.o.Preset.checkRole(role, scope); err != nil {
		return err
	}
	now := d.o.Clock()
	err := d.o.DB.Write(ctx, func(tx *store.Tx) error {
		person, held, err := d.role(tx, id)
		if err != nil {
			return err
		}
		if err := Allow(actor, EndRole, held.Scope); err != nil {
			return err
		}
		if held.Role == role && held.Scope == scope {
			return invalid("scope", "party.role.same")
		}
		p, err := d.person(tx, person)
		if err != nil {
			return err
		}
		if err := d.grant(tx, actor, person, role, scope, now); err != nil {
			return err
		}
		if err := d.end(tx, actor, person, held, now); err != nil {
			return err
		}
		return d.writeInvitation(tx, actor, p, role, scope, now)
	})
	if err != nil {
		return fmt.Errorf("changing a role: %w", err)
	}
	return nil
}

func (d *Directory) end(tx *store.Tx, actor Actor, person PersonID, held Held, now time.Time) error {
	if held.Role == Officer {
		if err := d.keepAnOfficer(tx, person); err != nil {
			return err
		}
	}
	return d.dropRole(tx, person, held, actor.Person, now)
}

const lastOfficerKey = "party.officer.last"

// keepAnOfficer refuses what would leave the instance without an officer who has signed in at least once.
func (d *Directory) keepAnOfficer(tx *store.Tx, leaving PersonID) error {
	n, err := d.otherOfficers(tx, leaving)
	if err == nil && n == 0 {
		return &page.Problem{Status: http.StatusConflict, Key: lastOfficerKey}
	}
	return err
}
