"""The way in: sign-in, invitations, one's own account, administration."""

from fastapi import APIRouter

from desk.door import account, administration, new_password, oidc, sign_in, welcome

router = APIRouter()
for part in (sign_in, oidc, welcome, new_password, account, administration):
    router.include_router(part.router)
