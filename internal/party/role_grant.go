package party

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rostrum.example/internal/store"
)

// GrantRole gives a person with an account one more role and tells them.
func (d *Directory) GrantRole(ctx context.Context, actor Actor, person PersonID, role Role, scope Scope) error {
	if err := Allow(actor, GrantRole, scope); err != nil {
		return err
	}
	if err := d.o.Preset.checkRole(role, scope); err != nil {
		return err
	}
	now := d.o.Clock()
	err := d.o.DB.Write(ctx, func(tx *store.Tx) error {
		p, err := d.person(tx, person)
		if err != nil {
			return err
		}
		if err := d.grant(tx, actor, person, role, scope, now); err != nil {
			return err
		}
		return d.writeInvitation(tx, actor, p, role, scope, now)
	})
	if err != nil {
		return fmt.Errorf("granting a role: %w", err)
	}
	return nil
}

// grant keeps the role. The scope must exist, and the person must not hold the role in it already.
func (d *Directory) grant(tx *store.Tx, actor Actor, person PersonID, role Role, scope Scope, now time.Time) error {
	names, err := d.scopeNames(tx)
	if err != nil {
		return err
	}
	if !names.has(scope) {
		return invalid("scope", "party.scope.missing")
	}
	held, err := d.roles(tx, person)
	if err != nil {
		return err
	}
	for _, h := range held[person] {
		if h.Role == role && h.Scope == scope {
			return invalid("scope", "party.role.held")
		}
	}
	_, err = d.addRole(tx, person, role, scope, actor.Person, now)
	if errors.Is(err, store.ErrConflict) {
		return invalid("scope", "party.role.held")
	}
	return err
}
