"""The page on which administrators make and revoke tokens."""

from fastapi import APIRouter

router = APIRouter()
