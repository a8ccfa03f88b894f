import pytest
from fastapi import APIRouter

from app.web.deps import GuardedRoute


def test_a_guarded_route_that_names_no_role_cannot_be_built() -> None:
    router = APIRouter(route_class=GuardedRoute)
    with pytest.raises(TypeError, match="/loose names no role"):
        router.add_api_route("/loose", lambda: None)
