package console

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"countersign/api"
	"countersign/portal"
	"countersign/web"
)

func (p pages) listStaff(r *web.Request) ([]api.StaffMember, error) {
	out, err := p.ListStaff.Do(r.Context(), &api.ListStaffInput{Org: r.Org.Slug})
	if err != nil {
		return nil, err
	}
	return out.Body.Staff, nil
}

func (p pages) staff(r *web.Request) error { return p.drawStaff(r, nil) }

// drawStaff draws the list, with what was asked from one of its menus and refused.
func (p pages) drawStaff(r *web.Request, x *refusal) error {
	staff, err := p.listStaff(r)
	if err != nil {
		return err
	}
	return r.Draw(x.status(), staffView(r, staff, x))
}

func (p pages) newStaff(r *web.Request) error {
	if err := r.Who.May(portal.ActionManageStaff); err != nil {
		return err
	}
	return r.Draw(http.StatusOK, newStaffView(r, web.NewForm("role", string(portal.RoleMember)), nil))
}

func (p pages) addStaff(r *web.Request) error {
	f, err := r.Form()
	if err != nil {
		return err
	}
	if _, err := web.Submit(r, f, p.AddStaff, &api.AddStaffInput{Key: f.APIKey(), Org: r.Org.Slug}); err != nil {
		staff, gone := p.listStaff(r)
		if gone != nil {
			return gone
		}
		return again(r, f, err, newStaffView(r, f, withoutAccess(staff, f.Value("email"))))
	}
	return r.Redirect(with(r.Path("staff"), "done", "new-staff"))
}

// withoutAccess is whoever has this address and no access any more; nil for nobody.
func withoutAccess(staff []api.StaffMember, email string) *api.StaffMember {
	for i, s := range staff {
		if !s.Active && strings.EqualFold(s.Email, strings.TrimSpace(email)) {
			return &staff[i]
		}
	}
	return nil
}

func (p pages) member(r *web.Request) (api.StaffMember, error) {
	id, err := r.ID("member", "member of staff")
	if err != nil {
		return api.StaffMember{}, err
	}
	staff, err := p.listStaff(r)
	if err != nil {
		return api.StaffMember{}, err
	}
	for _, s := range staff {
		if s.ID == id {
			return s, nil
		}
	}
	return api.StaffMember{}, portal.NotFound("member of staff")
}

func (p pages) editStaff(r *web.Request) error {
	s, err := p.member(r)
	if err != nil {
		return err
	}
	return r.Draw(http.StatusOK, editStaffView(r, s, staffFormOf(s)))
}

// staffFormOf is a colleague as they stand.
func staffFormOf(s api.StaffMember) *web.Form {
	return web.NewForm("version", strconv.Itoa(s.Version), "name", s.Name, "role", s.Role)
}

func (p pages) saveStaff(r *web.Request) error {
	s, err := p.member(r)
	if err != nil {
		return err
	}
	f, err := r.Form()
	if err != nil {
		return err
	}
	if _, err := web.Submit(r, f, p.EditStaff, &api.EditStaffInput{Org: r.Org.Slug, Member: s.ID}); err != nil {
		return againOver(r, f, err, func() (*web.Form, error) { now, err := p.member(r); return staffFormOf(now), err }, editStaffView(r, s, f))
	}
	if s.ID == r.Who.Actor && f.Value("role") != s.Role {
		return r.Redirect(with(r.Base(), "done", "saved")) // this list is not theirs any more
	}
	return r.Redirect(with(r.Path("staff"), "done", "saved"))
}

// askEndStaffAccess asks whether to switch a colleague's access off, and says what that does.
func (p pages) askEndStaffAccess(r *web.Request) error {
	s, err := p.member(r)
	if err != nil {
		return err
	}
	return r.Draw(http.StatusOK, endStaffAccessView(r, s, web.NewForm()))
}

func (p pages) endStaffAccess(r *web.Request) error {
	s, err := p.member(r)
	if err != nil {
		return err
	}
	f, err := r.Form()
	if err != nil {
		return err
	}
	if err := p.switchAccess(r, s.ID, false); err != nil {
		return again(r, f, err, endStaffAccessView(r, s, f))
	}
	return r.Redirect(with(r.Path("staff"), "done", "staff-off"))
}

func (p pages) giveStaffAccess(r *web.Request) error {
	s, err := p.member(r)
	if err != nil {
		return err
	}
	f, err := r.Form()
	if err != nil {
		return err
	}
	if err := p.switchAccess(r, s.ID, true); err != nil {
		x, err := refuse("access-"+s.ID.String(), f, err)
		if err != nil {
			return err
		}
		return p.drawStaff(r, x)
	}
	if s.Invited {
		return r.Redirect(with(r.Path("staff"), "done", "invited"))
	}
	return r.Redirect(with(r.Path("staff"), "done", "staff-on"))
}

func (p pages) switchAccess(r *web.Request, member uuid.UUID, active bool) error {
	in := &api.SetStaffAccessInput{Org: r.Org.Slug, Member: member}
	in.Body.Active = active
	_, err := p.SetStaffAccess.Do(r.Context(), in)
	return err
}

func (p pages) resendStaffInvitation(r *web.Request) error {
	s, err := p.member(r)
	if err != nil {
		return err
	}
	f, err := r.Form()
	if err != nil {
		return err
	}
	if _, err := p.ResendStaffInvitation.Do(r.Context(), &api.ResendStaffInvitationInput{Key: f.APIKey(), Org: r.Org.Slug, Member: s.ID}); err != nil {
		x, err := refuse("invite-"+s.ID.String(), f, err)
		if err != nil {
			return err
		}
		return p.drawStaff(r, x)
	}
	return r.Redirect(with(r.Path("staff"), "done", "invited"))
}
